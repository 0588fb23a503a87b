//! TLS to a directory, with the system's authorities or those of a file.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::super::Cause;

/// What a client of a directory trusts.
///
/// # Errors
/// The file cannot be read, or holds no certificate.
pub fn client(file: Option<&Path>) -> Result<Arc<ClientConfig>, Cause> {
    let mut trusted = RootCertStore::empty();
    if let Some(path) = file {
        for certificate in CertificateDer::pem_file_iter(path)? {
            trusted.add(certificate?)?;
        }
        if trusted.is_empty() {
            return Err("AUTH_LDAP_CA_CERTIFICATES holds no certificate".into());
        }
    } else {
        let system = rustls_native_certs::load_native_certs();
        trusted.add_parsable_certificates(system.certs);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
