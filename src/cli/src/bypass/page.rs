//! A bypass code as a page of paper, for an envelope: plain text of 72 columns and less than 60 lines, which fits on A4.

use antiphon_core::name::UserName;
use antiphon_core::time::UnixTime;
use antiphon_core::visible::visible;

use crate::failure::Failure;
use crate::screen::Screen;

/// The longest displayed name, in bytes.
const LONGEST: usize = 48;

/// What stands on it.
pub(super) struct Page<'a> {
    pub(super) user: &'a UserName,
    pub(super) host: &'a str,
    pub(super) code: &'a str,
    pub(super) made: UnixTime,
    pub(super) until: UnixTime,
    pub(super) uses: u32,
}

impl Page<'_> {
    /// Prints it on standard output, and advice on standard error.
    pub(super) fn print(&self, screen: &mut Screen) -> Result<(), Failure> {
        let zone = screen.zone();
        let text = self.text(
            &zone.show_day(&self.made.to_string()),
            &zone.show_minute(&self.until.to_string()),
        );
        screen.line(&text)?;
        screen.note(
            "Print this page, seal it in an envelope and lock it away; keep it in no file. A new bypass code for the same \
             person, and a lost or restored state, make it void.",
        );
        Ok(())
    }

    fn text(&self, made: &str, until: &str) -> String {
        let host = visible(self.host, LONGEST);
        let user = visible(self.user.as_str(), LONGEST);
        let code = self.code;
        let (swedish, english) = match self.uses {
            1 => ("en gång".to_owned(), "once".to_owned()),
            more => (format!("{more} gånger"), format!("{more} times")),
        };
        let end = visible(&self.user.shell_word(), LONGEST);
        format!(
            "\
========================================================================
NÖDKOD – EMERGENCY CODE                          Förvaras inlåst
                                                 Keep locked away
========================================================================

Dator / computer:       {host}
Användare / user:       {user}
Utfärdad / made:        {made}
Gäller till / until:    {until}
Antal / uses:           {swedish} / {english}

        {code}

------------------------------------------------------------------------
PÅ SVENSKA

Koden ersätter den andra faktorn för användaren ovan när varken telefon
eller återställningskoder finns till hands. Lösenordet behövs också.

1. Logga in som användaren ovan på datorn ovan.
2. Skriv lösenordet.
3. Skriv koden ovan där en verifieringskod efterfrågas. Streck och
   mellanslag behövs inte, och små bokstäver går lika bra.
4. Anteckna nedan vem som öppnade kuvertet, när och varför.
5. Skriv ut ett nytt blad:
   antiphon bypass {end} --sealed --for 365d
   Om koden inte användes men kuvertet har öppnats:
   antiphon bypass {end} --end

------------------------------------------------------------------------
IN ENGLISH

The code takes the place of the second factor of the user above, when
neither phone nor recovery codes are at hand. The password is needed too.

1. Sign in as the user above on the computer above.
2. Type the password.
3. Type the code above where a verification code is asked for. Dashes
   and spaces may be left out, and small letters will do.
4. Write down below who opened the envelope, when and why.
5. Print a new page:
   antiphon bypass {end} --sealed --for 365d
   If the envelope was opened and the code not used:
   antiphon bypass {end} --end

------------------------------------------------------------------------
Öppnat av / opened by        När / when         Varför / why


........................     ...............    ........................


........................     ...............    ........................"
        )
    }
}

#[cfg(test)]
mod tests {
    use antiphon_core::name::UserName;
    use antiphon_core::time::UnixTime;

    use super::Page;

    const LONG: &str = "a-name-of-thirty-two-characters-";

    #[test]
    fn the_page_fits_on_a4_whatever_the_names_and_has_the_code_once() {
        for (name, host) in [("root", "harbour"), (LONG, LONG)] {
            let page = Page {
                user: &UserName::new(name).unwrap(),
                host,
                code: "BYPASS-A4DQ-OBYH-A4DQ-OBYH",
                made: UnixTime(0),
                until: UnixTime(1),
                uses: 1,
            };
            let text = page.text("2026-11-29", "2027-11-29 15:40 CET");
            // At twelve points, A4 has room for 80 columns and 64 lines.
            assert!(text.lines().count() <= 64, "{}", text.lines().count());
            let longest = text.lines().map(|line| line.chars().count()).max();
            assert!(longest <= Some(80), "{longest:?}");
            assert_eq!(text.matches(page.code).count(), 1);
            for part in [
                "Dator / computer:",
                "Gäller till / until:    2027-11-29 15:40",
            ] {
                assert!(text.contains(part), "{text}");
            }
        }
    }
}
