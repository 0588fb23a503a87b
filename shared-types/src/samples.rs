//! Samples: one realistic value for each type, used as example in the document and as fixture in tests.

use crate::Timestamp;

/// A type with one realistic value.
pub trait Sample {
    /// The value.
    fn sample() -> Self;
}

/// A fixed moment for samples.
pub(crate) fn moment() -> Timestamp {
    Timestamp::from_unix(1_785_578_645)
}

/// A digest for samples.
pub(crate) fn digest() -> String {
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned()
}

/// A public key, which is nobody's.
pub(crate) fn key() -> String {
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\
     \n\
     mDMEZZN9JRYJKwYBBAHaRw8BAQdAmrdIw0DGMLuxmKrg3qFKmbMvpS2G5JtCBQCw\n\
     r7+s7A60FUFteSA8YW15QGV4YW1wbGUub3JnPoiQBBMWCAA4FiEE7WUCWRsAJHXw\n\
     4wjyKfesdNYXJ/EFAmWTfSUCGwMFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQ\n\
     KfesdNYXJ/GMvQEA4Im6DmqR4Qxyb+uSwhelRMtRzJFL3jobcfb4dxZhxMIA+QEI\n\
     mE2dCDaKfRtCxsl4BCQwHOLN7fcFwWnfU6G/Y/8F\n\
     =BOJs\n\
     -----END PGP PUBLIC KEY BLOCK-----\n"
        .to_owned()
}
