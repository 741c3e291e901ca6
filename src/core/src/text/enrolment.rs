//! Sentences of an enrolment at a sign-in, in both languages.

use super::{CODE, duration};
use crate::sentences;

sentences! {
    /// A sentence of an enrolment. `from` is a remote host or terminal, safe to show; `at` are hour and minute, UTC.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum EnrolmentText<'a> {
        /// Announces the enrolment.
        Begin =>
            "You have no second factor yet, so it is set up now. You need an authenticator app on your phone and \
             a few minutes. If you run out of time, sign in again within ten minutes and go on with a code from the \
             app.",
            "Du har ingen tvåfaktorsinloggning än. Nu ordnar vi den: du behöver en autentiseringsapp i telefonen och \
             några minuter. Räcker tiden inte till, logga in igen inom tio minuter och fortsätt med en kod från appen.";
        /// An enrolment was started from there this many seconds ago, and not finished.
        BegunBefore(seconds: u64, from: &'a str, at: &'a str) =>
            ("You have no second factor yet. Somebody, perhaps you, began to set it up {} ago from {from} (at {at} UTC), \
              and did not finish. If that was not you, tell your administrator.", duration(*seconds)),
            ("Du har ingen tvåfaktorsinloggning än. För {} sedan (kl. {at} UTC) började någon ordna den från {from}, men \
              blev inte klar. Om det inte var du, säg till din administratör.", duration(*seconds));
        /// Explains that a code continues it, and that without one it restarts.
        GoOnOrAgain =>
            "If you have added it to the app already, type the code that the app shows now, and you go on. The \
             QR code is not shown a second time: if you do not have it in the app, press Enter to begin again \
             with a new one. The earlier one is then no longer valid.",
            "Har du redan lagt till den i appen, skriv koden som appen visar nu, så fortsätter du. QR-koden visas \
             inte en gång till: har du den inte i appen, tryck på Enter och börja om med en ny. Då slutar den \
             förra att gälla.";
        /// Asks for a code, or Enter.
        CodeOrAgain =>
            "{CODE} from the app (Enter alone begins again): ",
            "{CODE} / kod från appen (bara Enter börjar om): ";
        /// Explains that only a code continues it: it cannot be restarted for this many seconds.
        GoOnOnly(seconds: u64) =>
            ("If you have added it to the app already, type the code that the app shows now, and you go on. New QR codes \
              were shown many times in a short while: the next one can be shown in {}.", duration(*seconds)),
            ("Har du redan lagt till den i appen, skriv koden som appen visar nu, så fortsätter du. Nya QR-koder har \
              visats många gånger på kort tid: nästa kan visas om {}.", duration(*seconds));
        /// Asks for a code.
        CodeAlone =>
            "{CODE} from the app: ",
            "{CODE} / kod från appen: ";
        /// Explains that codes are no longer checked.
        OnlyAgain =>
            "Too many wrong codes were typed, so nobody can go on with it. Begin again with a new QR code; the \
             earlier one is then no longer valid.",
            "Det blev för många felaktiga koder, så det går inte att fortsätta. Börja om med en ny QR-kod; då slutar \
             den förra att gälla.";
        /// Asks for Enter.
        Again =>
            "Press Enter to begin again: ",
            "Tryck på Enter för att börja om: ";
        /// Announces the restart.
        BeginAgain =>
            "Now comes a new QR code. Once it is shown, the earlier one is no longer valid: if you added that to \
             the app, delete it there.",
            "Nu kommer en ny QR-kod. När den visas slutar den förra att gälla: har du lagt till den i appen, ta \
             bort den där.";
        /// It cannot be restarted for this many seconds.
        TooOften(seconds: u64) =>
            ("New QR codes were shown many times in a short while, so the next one can be shown in {}. If that was not \
              you, tell your administrator.", duration(*seconds)),
            ("Nya QR-koder har visats många gånger på kort tid, så nästa kan visas om {}. Om det inte var du, säg till \
              din administratör.", duration(*seconds));
        /// Asks whether the row of squares above is displayed correctly.
        DoesItShow =>
            "Press Enter if you see a row of squares above.\nIf you see something else, type no: ",
            "Tryck på Enter om du ser en rad rutor här ovanför.\nSer du något annat, skriv nej: ";
        /// A QR code and a key follow.
        Scan =>
            "Scan the QR code with the authenticator app, or type the key into it.",
            "Skanna QR-koden med autentiseringsappen, eller skriv in nyckeln i den.";
        /// A key and a link follow.
        Type =>
            "Type the key into the authenticator app (time-based, 6 digits), or open the link on the phone.",
            "Skriv in nyckeln i autentiseringsappen (tidsbaserad, 6 siffror), eller öppna länken i telefonen.";
        /// The key.
        Key(key: &'a str) =>
            "Key: {key}",
            "Nyckel: {key}";
        /// The link.
        Link(link: &'a str) =>
            "Link: {link}",
            "Länk: {link}";
        /// Asks for the code that the app shows.
        Code =>
            "{CODE} from the app (Enter shows it again): ",
            "{CODE} / kod från appen (Enter visar det igen): ";
        /// The code was wrong.
        WrongCode =>
            "That is not what the app should show now. Wait for the next code.",
            "Det är inte vad appen borde visa nu. Vänta på nästa kod.";
        /// The code was from another time: off by this many seconds, and whether the phone is ahead.
        ClockOff(seconds: u64, is_ahead: bool) =>
            ("The phone's clock is about {} {} this computer's. Set the one that is wrong.",
             duration(*seconds), if *is_ahead { "ahead of" } else { "behind" }),
            ("Telefonens klocka går ungefär {} {} den här datorns. Ställ den som går fel.",
             duration(*seconds), if *is_ahead { "före" } else { "efter" });
        /// No code was right.
        NotConfirmed =>
            "No code was right. Sign in again within ten minutes to go on with a code from the app, or to \
             begin again.",
            "Ingen kod var rätt. Logga in igen inom tio minuter för att fortsätta med en kod från appen, eller \
             för att börja om.";
        /// What recovery codes are for; the codes follow.
        Recovery =>
            "These are your recovery codes, for the day when the phone is lost. Each works once, in the \
             place of a code. They are not shown again: write them down, or keep them with your passwords.",
            "Det här är dina återställningskoder, för den dag då telefonen är borta. Var och en gäller en \
             gång, i stället för en kod. De visas inte igen: skriv upp dem, eller spara dem där du har dina \
             lösenord.";
        /// Recovery codes shown in an earlier sitting are not valid.
        RecoveryAnew =>
            "If you were shown others before, those are not valid.",
            "Om du redan har fått se andra, så gäller de inte.";
        /// Asks for Enter once they are written down.
        WrittenDown =>
            "Press Enter when you have written them down: ",
            "Tryck på Enter när du har skrivit upp dem: ";
        /// The enrolment is complete.
        Done =>
            "Your second factor is set up. From now on you are asked for a code when you sign in.",
            "Din tvåfaktorsinloggning är klar. Från och med nu behöver du en kod när du loggar in.";
        /// Another sign-in or root enrolled the person first.
        Meanwhile =>
            "Your second factor has been set up by another sign-in meanwhile. Sign in again. If it was not \
             you, tell your administrator.",
            "Din tvåfaktorsinloggning har ordnats i en annan inloggning under tiden. Logga in igen. Om det inte var \
             du, säg till din administratör.";
        /// It was restarted in another sitting.
        BegunElsewhere(from: &'a str, at: &'a str) =>
            "This set-up is no longer valid: somebody else, or you in another window, began again from {from} at {at} \
             UTC. If that was not you, tell your administrator.",
            "Det här gäller inte längre: någon annan, eller du i ett annat fönster, började om från {from} kl. {at} UTC. \
             Om det inte var du, säg till din administratör.";
        /// It was continued in another sitting.
        GoneOnElsewhere(from: &'a str, at: &'a str) =>
            "This set-up is no longer valid here: somebody else, or you in another window, went on with it from {from} \
             at {at} UTC, by a right code. If that was not you, tell your administrator.",
            "Det gäller inte längre här: någon annan, eller du i ett annat fönster, fortsatte från {from} kl. {at} UTC \
             med rätt kod. Om det inte var du, säg till din administratör.";
        /// It expired, or root ended it.
        Void =>
            "This set-up is no longer valid: it took too long, or your administrator ended it. Sign in again.",
            "Det här gäller inte längre: det tog för lång tid, eller så har din administratör avbrutit det. Logga in \
             igen.";

    }
}
