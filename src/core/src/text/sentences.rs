//! Sentences in both languages, side by side; a missing translation does not compile.

use super::{Besides, Entry, Language, MethodsLine, Then};
use crate::record::TelephoneUse;
use crate::state::Quiet;
use crate::way::Way;

/// Defines an enum of sentences and its `in_language`. Each variant names its arguments and gives the sentence in
/// English and in Swedish: as a format string with the names in braces, as the arguments of `format!` in parentheses, or
/// as a block that makes a `String`.
///
/// `Samples::samples` then returns every sentence with all kinds of values, for tests.
#[macro_export]
macro_rules! sentences {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident $(<$life:lifetime>)? {
            $(
                $(#[$doc:meta])*
                $variant:ident
                $( ( $($place:ident: $kind:ty),+ $(,)? ) )?
                $( { $( $(#[$field_doc:meta])* $field:ident: $field_kind:ty ),+ $(,)? } )?
                => $english:tt, $swedish:tt;
            )+
        }
    ) => {
        $(#[$attribute])*
        $visibility enum $name $(<$life>)? {
            $(
                $(#[$doc])*
                $variant
                $( ( $($kind),+ ) )?
                $( { $( $(#[$field_doc])* $field: $field_kind ),+ } )?
            ),+
        }

        impl $(<$life>)? $name $(<$life>)? {
            /// The sentence in this language.
            #[must_use]
            #[allow(clippy::too_many_lines, reason = "a list of sentences, and nothing else")]
            $visibility fn in_language(&self, language: $crate::text::Language) -> String {
                match language {
                    $crate::text::Language::English => match self {
                        $( Self::$variant $( ( $($place),+ ) )? $( { $($field),+ } )? => $crate::sentence!($english), )+
                    },
                    $crate::text::Language::Swedish => match self {
                        $( Self::$variant $( ( $($place),+ ) )? $( { $($field),+ } )? => $crate::sentence!($swedish), )+
                    },
                }
            }
        }

        impl $(<$life>)? $crate::text::Samples for $name $(<$life>)? {
            fn samples() -> Vec<Self> {
                let mut all = Vec::new();
                $(
                    $crate::each_sample!(
                        all, Self::$variant $( ( $($place),+ ) )? $( { $($field),+ } )?;
                        $( $($place: $kind,)+ )? $( $($field: $field_kind,)+ )?
                    );
                )+
                all
            }
        }
    };
}

/// One sentence of [`sentences!`].
#[doc(hidden)]
#[macro_export]
macro_rules! sentence {
    ($literal:literal) => {
        format!($literal)
    };
    (($($arguments:tt)+)) => {
        format!($($arguments)+)
    };
    ($block:tt) => {
        $block
    };
}

/// One value for each combination of its parts' samples.
#[doc(hidden)]
#[macro_export]
macro_rules! each_sample {
    ($all:ident, $value:expr;) => {
        $all.push($value);
    };
    ($all:ident, $value:expr; $part:ident: $kind:ty, $($rest:tt)*) => {
        for $part in <$kind as $crate::text::Samples>::samples() {
            $crate::each_sample!($all, $value; $($rest)*);
        }
    };
}

/// Sample values for a type, one of each kind that makes a difference, for tests.
pub trait Samples: Sized {
    /// The sample values.
    fn samples() -> Vec<Self>;
}

macro_rules! samples {
    ($($kind:ty: $($value:expr),+;)+) => {
        $( impl Samples for $kind { fn samples() -> Vec<Self> { vec![$($value),+] } } )+
    };
}

samples! {
    bool: false, true;
    u8: 6, 8;
    u32: 0, 1, 7;
    u64: 0, 12, 600, 80_000;
    usize: 6;
    &str: "", "203.0.113.5";
    TelephoneUse: Self::Sms, Self::Call;
    &[TelephoneUse]: &[], &[TelephoneUse::Sms], &[TelephoneUse::Call], &[TelephoneUse::Sms, TelephoneUse::Call];
    Quiet: Self::TooOften, Self::Unanswered, Self::Reported;
    Language: Self::English, Self::Swedish;
    Then: Self::Nothing, Self::Enter, Self::CheckDigits;
    Besides: Self::Code(6), Self::Code(8), Self::Recovery, Self::Nothing;
    Way<'_>: Way::Approval, Way::Code, Way::Recovery;
    &[Entry<'_>]: &[Entry::Way(Way::Approval), Entry::Way(Way::Code), Entry::Way(Way::Recovery), Entry::Methods, Entry::Cancel];
    &[MethodsLine<'_>]: &[MethodsLine::Add, MethodsLine::Remove("X9"), MethodsLine::Rename("X9"), MethodsLine::NewCodes(3), MethodsLine::Done];
}

impl<T: Samples> Samples for Option<T> {
    fn samples() -> Vec<Self> {
        let known = T::samples().into_iter().map(Some);
        known.chain([None]).collect()
    }
}
