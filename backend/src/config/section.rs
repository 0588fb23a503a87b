//! The declaration of settings: one macro that makes the struct, the table and the reader of a section.

/// One setting, as declared.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its name in the settings file; `SREGISTRY_<name>` in the environment.
    pub name: &'static str,
    /// The default as one would write it; empty where it is nothing or follows from other settings.
    pub default: &'static str,
    /// What it does, in sentences; a line of the documentation comment each.
    pub doc: &'static str,
    /// What kind of value it takes, in words.
    pub kind: &'static str,
    /// Whether the value is never shown, and may come from a file named by `<name>_FILE`.
    pub secret: bool,
}

/// Declares a section: `field: Kind = ("NAME", "default")`, with the field's documentation.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        pub struct $section:ident: $title:literal {
            $( $(#[doc = $doc:literal])+ $field:ident: $kind:ty = ($name:literal, $default:literal), )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone)]
        pub struct $section {
            $( $(#[doc = $doc])+ pub $field: <$kind as $crate::config::kind::Kind>::Value, )+
        }

        impl $section {
            /// What the section is about.
            pub const TITLE: &str = $title;

            /// The settings of the section.
            pub const SETTINGS: &[$crate::config::Setting] = &[
                $( $crate::config::Setting {
                    name: $name,
                    default: $default,
                    doc: concat!($($doc, "\n"),+),
                    kind: <$kind as $crate::config::kind::Kind>::WORDS,
                    secret: <$kind as $crate::config::kind::Kind>::SECRET,
                }, )+
            ];

            /// Reads the section; nothing where a value could not be read.
            pub(super) fn read(
                layers: &$crate::config::Layers,
                problems: &mut $crate::config::Problems,
            ) -> Option<Self> {
                $( let $field = layers.read::<$kind>($name, $default, problems); )+
                Some(Self { $( $field: $field?, )+ })
            }
        }
    };
}

pub(super) use section;
