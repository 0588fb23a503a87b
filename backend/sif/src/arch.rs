//! Processor architectures: Go's names on the outside, SIF's two-digit codes in the file.

use std::fmt;
use std::str::FromStr;

/// A processor architecture as the SIF format knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Arch {
    /// 32-bit x86.
    I386,
    /// 64-bit x86.
    Amd64,
    /// 32-bit ARM; the format does not say which version.
    Arm,
    /// 64-bit ARM.
    Arm64,
    /// 64-bit POWER, big endian.
    Ppc64,
    /// 64-bit POWER, little endian.
    Ppc64le,
    /// 32-bit MIPS, big endian.
    Mips,
    /// 32-bit MIPS, little endian.
    Mipsle,
    /// 64-bit MIPS, big endian.
    Mips64,
    /// 64-bit MIPS, little endian.
    Mips64le,
    /// IBM Z.
    S390x,
    /// 64-bit RISC-V.
    Riscv64,
}

/// A name that is no architecture of the SIF format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an architecture that images are built for")]
pub struct UnknownArch(pub String);

impl Arch {
    /// Every architecture, in the order of the codes.
    pub const ALL: [Self; 12] = [
        Self::I386,
        Self::Amd64,
        Self::Arm,
        Self::Arm64,
        Self::Ppc64,
        Self::Ppc64le,
        Self::Mips,
        Self::Mipsle,
        Self::Mips64,
        Self::Mips64le,
        Self::S390x,
        Self::Riscv64,
    ];

    /// Go's name (`GOARCH`), which the clients send and print.
    pub const fn name(self) -> &'static str {
        match self {
            Self::I386 => "386",
            Self::Amd64 => "amd64",
            Self::Arm => "arm",
            Self::Arm64 => "arm64",
            Self::Ppc64 => "ppc64",
            Self::Ppc64le => "ppc64le",
            Self::Mips => "mips",
            Self::Mipsle => "mipsle",
            Self::Mips64 => "mips64",
            Self::Mips64le => "mips64le",
            Self::S390x => "s390x",
            Self::Riscv64 => "riscv64",
        }
    }

    /// The code in the file (`hdrArch…` in the reference implementation of SIF).
    pub const fn code(self) -> [u8; 3] {
        match self {
            Self::I386 => *b"01\0",
            Self::Amd64 => *b"02\0",
            Self::Arm => *b"03\0",
            Self::Arm64 => *b"04\0",
            Self::Ppc64 => *b"05\0",
            Self::Ppc64le => *b"06\0",
            Self::Mips => *b"07\0",
            Self::Mipsle => *b"08\0",
            Self::Mips64 => *b"09\0",
            Self::Mips64le => *b"10\0",
            Self::S390x => *b"11\0",
            Self::Riscv64 => *b"12\0",
        }
    }

    /// The architecture behind a code; none for "00" (unknown) and for codes of the future.
    pub fn from_code(code: [u8; 3]) -> Option<Self> {
        Self::ALL.into_iter().find(|arch| arch.code() == code)
    }
}

impl fmt::Display for Arch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Arch {
    type Err = UnknownArch;

    /// Go's names; `arm` also with its version (`armv7`, `arm/v6`), as clients may send it.
    fn from_str(name: &str) -> Result<Self, UnknownArch> {
        let base = match name.strip_prefix("arm") {
            Some(rest) if matches!(rest.trim_start_matches('/'), "v5" | "v6" | "v7") => "arm",
            _ => name,
        };
        Self::ALL
            .into_iter()
            .find(|arch| arch.name() == base)
            .ok_or_else(|| UnknownArch(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_codes_go_both_ways() {
        for (index, arch) in Arch::ALL.into_iter().enumerate() {
            assert_eq!(arch.name().parse(), Ok(arch));
            assert_eq!(Arch::from_code(arch.code()), Some(arch));
            assert_eq!(arch.code()[..2], *format!("{:02}", index + 1).as_bytes());
        }
    }

    #[test]
    fn arm_takes_its_version_and_nothing_else() {
        assert_eq!("armv7".parse(), Ok(Arch::Arm));
        assert_eq!("arm/v6".parse(), Ok(Arch::Arm));
        assert!("armv8000".parse::<Arch>().is_err());
        assert!("".parse::<Arch>().is_err());
        assert_eq!(Arch::from_code(*b"00\0"), None);
    }
}
