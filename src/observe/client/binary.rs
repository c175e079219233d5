//! Why a program that is no script does not start: for whom it was made, by the first bytes of its file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Bytes of the head that tell.
const HEAD: usize = 20;

/// For which other system or processor this program was made; `None` for one of ours, a script, or what is not known.
pub fn foreign(path: &Path) -> Option<String> {
    let mut head = [0; HEAD];
    File::open(path).ok()?.read_exact(&mut head).ok()?;
    let kind = kind(&head)?;
    (!is_ours(&kind)).then(|| format!("it was made for another machine ({kind}), not for this one ({})", own()))
}

/// A program as its head names it (`ELF, x86_64`).
fn kind(head: &[u8; HEAD]) -> Option<String> {
    match head {
        // Byte 5 says in which order the two bytes of the processor stand.
        [0x7f, b'E', b'L', b'F', _, order, ..] => {
            let number = [head[18], head[19]];
            let number = if *order == 2 { u16::from_be_bytes(number) } else { u16::from_le_bytes(number) };
            Some(match number {
                62 => "ELF, x86_64".to_owned(),
                183 => "ELF, aarch64".to_owned(),
                other => format!("ELF, processor {other}"),
            })
        }
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] | [0xca, 0xfe, 0xba, 0xbe, ..] => Some("Mach-O, macOS".to_owned()),
        [b'M', b'Z', ..] => Some("PE, Windows".to_owned()),
        _ => None,
    }
}

fn is_ours(kind: &str) -> bool {
    match std::env::consts::OS {
        "macos" => kind.starts_with("Mach-O"),
        _ => kind == own(),
    }
}

/// Programs of this machine.
fn own() -> String {
    format!("ELF, {}", std::env::consts::ARCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_programs() {
        let head = |start: &[u8], processor: [u8; 2]| {
            let mut head = [0; HEAD];
            head[..start.len()].copy_from_slice(start);
            head[18..].copy_from_slice(&processor);
            kind(&head)
        };
        assert_eq!(head(b"\x7fELF\x02\x01", [183, 0]).as_deref(), Some("ELF, aarch64"));
        assert_eq!(head(b"\x7fELF\x02\x02", [0, 62]).as_deref(), Some("ELF, x86_64"));
        assert_eq!(head(b"\xcf\xfa\xed\xfe", [0, 0]).as_deref(), Some("Mach-O, macOS"));
        assert_eq!(head(b"#!/bin/sh\n", [0, 0]), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_program_that_runs_is_of_this_machine() {
        assert_eq!(foreign(Path::new("/proc/self/exe")), None);
    }
}
