//! The sentences of a letter, in both languages.

use antiphon_core::sentences;

sentences! {
    /// A sentence; `user`, `host` and `desk` are escaped for HTML.
    pub(super) enum Words<'a> {
        Title =>
            "Set up two-step sign-in",
            "Kom igång med tvåfaktorsinloggning";
        For(user: &'a str, host: &'a str) =>
            "For <b>{user}</b> on {host}",
            "För <b>{user}</b> på {host}";
        Intro =>
            "When you sign in, you are asked for one more thing after your password: a six-digit code, which an app on your \
             phone shows. Setting it up takes a few minutes.",
            "När du loggar in behövs en sak till efter lösenordet: en sexsiffrig kod, som en app i din telefon visar. Det tar \
             några minuter att ordna.";
        Install =>
            "Install an authenticator app on your phone, such as Google Authenticator, Microsoft Authenticator or FreeOTP. If \
             you already have one, use that.",
            "Installera en autentiseringsapp i telefonen, till exempel Google Authenticator, Microsoft Authenticator eller \
             FreeOTP. Har du redan en går det bra att använda den.";
        Scan =>
            "Add an account in the app, and scan this QR code with it.",
            "Lägg till ett konto i appen och skanna QR-koden här intill med den.";
        Key =>
            "If it cannot be scanned, type this key instead (time-based, 6 digits):",
            "Går den inte att skanna, skriv in den här nyckeln i stället (tidsbaserad, 6 siffror):";
        SignIn =>
            "Sign in as usual. At “Verification code”, after the password, type the six digits that the app shows.",
            "Logga in som vanligt. Vid ”Verification code / kod”, efter lösenordet, skriver du de sex siffror som \
             appen visar.";
        Care =>
            "This letter is a key to your account. Do not photograph it, and do not leave it lying about. Once the app shows \
             codes, tear this part up. Never tell anybody a code: nobody needs yours, not even the help desk.",
            "Det här brevet är en nyckel till ditt konto. Fotografera det inte och låt det inte ligga framme. När appen visar \
             koder river du sönder den här delen. Lämna aldrig ut en kod: ingen behöver din, inte ens supporten.";
        Recovery =>
            "Recovery codes",
            "Återställningskoder";
        RecoveryUse =>
            "Without your phone, type one of these in the place of the code. Each works once. Cut this part off, and keep it \
             with your passwords.",
            "Har du inte telefonen skriver du en av de här i stället för koden. Var och en gäller en gång. Klipp av den här \
             delen och förvara den som dina lösenord.";
        Help(desk: &'a str) =>
            "Help: {desk}",
            "Hjälp: {desk}";
        AskAdministrator =>
            "Questions? Ask your administrator.",
            "Frågor? Fråga din administratör.";
    }
}
