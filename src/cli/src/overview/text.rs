//! Every sentence of the page, in Swedish and English.

use antiphon_core::sentences;

use super::figures::Why;

sentences! {
    /// A sentence and its arguments. None is markup.
    pub(super) enum Text<'a> {
        Title =>
            "Second factor at sign-in: how far we are",
            "Tvåfaktorsinloggning: så långt har vi kommit";
        /// Where and when the page was made.
        Made(host: &'a str, time: &'a str) =>
            "Computer {host}, as of {time}",
            "Datorn {host}, läget {time}";
        Enrolled =>
            "have a second factor",
            "har tvåfaktorsinloggning";
        OfPeople(people: usize) =>
            "of {people} people with a sign-in shell",
            "av {people} personer som kan logga in";
        Missing =>
            "could not sign in if everybody had to have one",
            "skulle inte kunna logga in om alla måste ha den";
        NoneMissing =>
            "Nobody would be locked out",
            "Ingen skulle bli utelåst";
        AskAntiphon =>
            "antiphon status --missing names them",
            "antiphon status --missing visar vilka";
        Untried =>
            "enrolled but never signed in with it",
            "har den men har aldrig loggat in med den";
        LetInWithout =>
            "sign-ins let in without it in the last four weeks",
            "inloggningar utan den de senaste fyra veckorna";
        BySettings =>
            "by exemptions, by rollout, or because nothing is enforced yet",
            "genom undantag, enligt införandeplanen eller för att den inte krävs än";
        /// The heading of the dates to come.
        Dates =>
            "What comes next",
            "Det här händer härnäst";
        /// A date of a rollout.
        TurnEnroll(group: &'a str, date: &'a str) =>
            "{date}: members of {group} who have no second factor are guided through it at the sign-in.",
            "{date}: de i {group} som inte har tvåfaktorsinloggning får ordna den när de loggar in.";
        TurnDeny(group: &'a str, date: &'a str) =>
            "{date}: members of {group} who have no second factor are refused.",
            "{date}: de i {group} som inte har tvåfaktorsinloggning släpps inte in.";
        PlotEnrolled =>
            "People with a second factor",
            "Personer med tvåfaktorsinloggning";
        PlotEnrolledSays(from: u64, to: u64) =>
            "From {from} in the first week to {to} today. Counted are those who are enrolled today, from the day on that their \
             phone or the activity tells of; where neither does, from the first week.",
            "Från {from} den första veckan till {to} i dag. Här räknas de som är anslutna i dag, från den dag som telefonen eller \
             aktiviteten visar; där ingetdera gör det, från första veckan.";
        PlotWays =>
            "How people signed in",
            "Så loggade man in";
        PlotWaysSays(all: u64) =>
            "Sign-ins with a second factor, by what was used: {all}.",
            "Inloggningar med tvåfaktor, efter vad som användes: {all}.";
        PlotRefused =>
            "Refused sign-ins, by reason",
            "Nekade inloggningar, efter orsak";
        PlotRefusedSays(all: u64) =>
            "Sign-ins with the right password or key that were refused: {all}.",
            "Inloggningar med rätt lösenord eller nyckel som nekades: {all}.";
        PlotUnfinished =>
            "Sign-ins that were not finished",
            "Inloggningar som inte slutfördes";
        PlotUnfinishedSays(all: u64) =>
            "Sign-ins with the right password or key that nobody finished: {all}. Many at once may mean that somebody knows a \
             password, or that people do not get along with the second factor.",
            "Inloggningar med rätt lösenord eller nyckel som ingen slutförde: {all}. Många på en gång kan betyda att någon kan ett \
             lösenord, eller att folk inte kommer överens med tvåfaktorsinloggningen.";
        Nothing =>
            "Nothing in this time.",
            "Inget under den här tiden.";
        Week =>
            "Week from",
            "Vecka från";
        People =>
            "People",
            "Personer";
        SignIns =>
            "Sign-ins",
            "Inloggningar";
        /// The heading of the notes on the figures.
        About =>
            "About the figures",
            "Om siffrorna";
        Span(files: usize, first: &'a str, last: &'a str) =>
            "The sign-ins come from the activity files of {files} people on this computer. The earliest that is still there is \
             of {first}, the latest of {last}. A file keeps some thousand sign-ins, so that of people who sign in very often \
             older ones may be gone.",
            "Inloggningarna kommer från aktivitetsfilerna för {files} personer på den här datorn. Den tidigaste som finns kvar är \
             från {first}, den senaste från {last}. En fil rymmer några tusen inloggningar, så för dem som loggar in mycket ofta \
             kan äldre saknas.";
        NoActivity =>
            "No sign-in has been recorded on this computer yet.",
            "Ingen inloggning har registrerats på den här datorn än.";
        Unreadable(files: usize) =>
            "The files of {files} people could not be read and are left out.",
            "Filerna för {files} personer gick inte att läsa och är inte med.";
        Weeks =>
            "Weeks begin on Monday at midnight UTC. A sign-in that was tried again and again from the same place counts each \
             time, in the week of the last time. No names are on this page.",
            "Veckor börjar på måndagar vid midnatt UTC. En inloggning som försökts flera gånger från samma plats räknas varje \
             gång, den vecka då det skedde sist. Inga namn finns på den här sidan.";
    }
}

sentences! {
    /// A way to sign in, by its word in the activity.
    pub(super) enum Way {
        Approval => "Approved on the phone", "Godkänd i telefonen";
        Account => "Approved with an account", "Godkänd med ett konto";
        Code => "Code from an app", "Kod från en app";
        Sms => "Code by text message", "Kod via sms";
        Call => "Code by phone call", "Kod via samtal";
        Recovery => "Recovery code", "Återställningskod";
        Bypass => "Code from root", "Kod från root";
        Enrolment => "Enrolled at the sign-in", "Ansluten vid inloggningen";
    }
}

impl Way {
    /// In the order of [`super::figures::WAYS`].
    pub(super) const ALL: [Self; super::figures::WAYS.len()] = [
        Self::Approval,
        Self::Account,
        Self::Code,
        Self::Sms,
        Self::Call,
        Self::Recovery,
        Self::Bypass,
        Self::Enrolment,
    ];
}

sentences! {
    /// Why a sign-in was refused.
    pub(super) enum Reason {
        Wrong => "Wrong answer", "Fel svar";
        Used => "Used or expired code", "Använd eller för gammal kod";
        Locked => "Locked after wrong codes", "Låst efter felaktiga koder";
        Reported => "\"It's not me\"", "\"Det är inte jag\"";
        NotEnrolled => "No second factor", "Saknar tvåfaktor";
        Phone => "Phone or account not reached", "Telefon eller konto nåddes inte";
        NotAllowed => "Not allowed there", "Godtas inte där";
        Program => "Program cannot ask", "Programmet kan inte fråga";
        Fault => "Fault on the computer", "Fel på datorn";
        Other => "Other", "Annat";
    }
}

impl From<Why> for Reason {
    fn from(why: Why) -> Self {
        match why {
            Why::Wrong => Self::Wrong,
            Why::Used => Self::Used,
            Why::Locked => Self::Locked,
            Why::Reported => Self::Reported,
            Why::NotEnrolled => Self::NotEnrolled,
            Why::Phone => Self::Phone,
            Why::NotAllowed => Self::NotAllowed,
            Why::Program => Self::Program,
            Why::Fault => Self::Fault,
            Why::Other => Self::Other,
        }
    }
}
