//! Our block in a file that belongs to somebody else.
//!
//! Files are bytes: nothing here decodes text, and what is outside the block is never changed. Markers match whole lines
//! (a CR that an editor put at the end, and a byte order mark before it, are forgiven). The law that all
//! of `setup` and `uninstall` rests on, for every `x` without markers and every block:
//!
//! ```text
//! remove(insert(x, block)) == x
//! ```
//!
//! To hold it without a receipt, the block itself says when a newline had to be added above it.

#[cfg(test)]
mod tests;

use std::ops::Range;

/// The line that a block begins with.
pub const BEGIN: &str = "# >>> bedrockup >>>";
/// The line that a block ends with.
pub const END: &str = "# <<< bedrockup <<<";

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What was added above a block so that it starts on a line of its own. The block records it for `uninstall`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Separator {
    /// Nothing: the bytes above end with a newline, or there are none.
    #[default]
    None,
    /// The newline that the last line lacked.
    Newline,
    /// An empty line, since the last line ends in a backslash and would have swallowed the marker.
    EmptyLine,
    /// Both.
    NewlineAndEmptyLine,
}

impl Separator {
    const ALL: [Self; 4] = [Self::None, Self::Newline, Self::EmptyLine, Self::NewlineAndEmptyLine];

    /// The comment line that records it in the block.
    pub fn note(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Newline => Some("# The file had no newline at its end before this block."),
            Self::EmptyLine => Some("# The empty line above came with this block."),
            Self::NewlineAndEmptyLine => {
                Some("# The file had no newline at its end, and the empty line above came with this block.")
            }
        }
    }

    /// What the bytes above a block need.
    fn needed_after(above: &[u8]) -> Self {
        let (line, ended) = match above.strip_suffix(b"\n") {
            Some(line) => (line, true),
            None => (above, above.is_empty()),
        };
        let backslashes = line.iter().rev().take_while(|byte| **byte == b'\\').count();
        match (ended, backslashes % 2 == 1) {
            (true, false) => Self::None,
            (true, true) => Self::EmptyLine,
            (false, false) => Self::Newline,
            (false, true) => Self::NewlineAndEmptyLine,
        }
    }

    /// Whether these bytes are newlines that it added, or some of them.
    pub fn is_made_of(self, bytes: &[u8]) -> bool {
        bytes.len() <= self.newlines() && bytes.iter().all(|byte| *byte == b'\n')
    }

    fn newlines(self) -> usize {
        match self {
            Self::None => 0,
            Self::Newline | Self::EmptyLine => 1,
            Self::NewlineAndEmptyLine => 2,
        }
    }
}

/// What a file holds of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// No marker.
    Absent,
    /// One block.
    Whole(Block),
    /// Markers that do not make one block; nothing may be written.
    Damaged(Vec<Damage>),
}

/// One whole block in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The bytes of the block, both marker lines and the last newline (if it has one) included.
    pub span: Range<usize>,
    /// Line of the begin marker, counted from 1.
    pub first_line: usize,
    /// Line of the end marker.
    pub last_line: usize,
    /// What the block says was added above it.
    pub separator: Separator,
}

/// One marker that is out of place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Its line, counted from 1.
    pub line: usize,
    /// The line.
    pub text: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// A begin marker and no end marker after it.
    NoEnd,
    /// An end marker and no begin marker before it.
    NoBegin,
    /// A begin marker inside a block.
    Nested,
    /// A second block.
    SecondBlock,
}

impl Problem {
    /// The problem in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoEnd => "begins a block that never ends",
            Self::NoBegin => "ends a block that never began",
            Self::Nested => "begins a block inside a block",
            Self::SecondBlock => "begins a second block",
        }
    }
}

/// Finds our block. Reads markers only, never what is between them, apart from the note about a separator.
pub fn parse(bytes: &[u8]) -> Parsed {
    let mut damage = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    let mut found: Vec<(Range<usize>, usize, usize)> = Vec::new();
    for (index, range) in lines(bytes).enumerate() {
        let line = index + 1;
        match marker(&bytes[range.clone()]) {
            Some(Marker::Begin(skipped)) => {
                if open.is_some() {
                    damage.push(Damage { line, text: BEGIN.to_owned(), problem: Problem::Nested });
                } else {
                    open = Some((range.start + skipped, line));
                }
            }
            Some(Marker::End) => match open.take() {
                Some((start, first)) => found.push((start..range.end, first, line)),
                None => damage.push(Damage { line, text: END.to_owned(), problem: Problem::NoBegin }),
            },
            None => {}
        }
    }
    if let Some((_, line)) = open {
        damage.push(Damage { line, text: BEGIN.to_owned(), problem: Problem::NoEnd });
    }
    for (_, first, _) in found.iter().skip(1) {
        damage.push(Damage { line: *first, text: BEGIN.to_owned(), problem: Problem::SecondBlock });
    }
    if !damage.is_empty() {
        // A damaged file is repaired by hand: the blocks that would be whole are part of what its owner has to look at.
        damage.sort_by_key(|damage| damage.line);
        return Parsed::Damaged(damage);
    }
    match found.pop() {
        None => Parsed::Absent,
        Some((span, first_line, last_line)) => {
            let separator = separator_of(&bytes[span.clone()]);
            Parsed::Whole(Block { span, first_line, last_line, separator })
        }
    }
}

/// The bytes with a block at the end; `render` writes the block for a separator.
pub fn append(above: &[u8], render: impl Fn(Separator) -> Vec<u8>) -> Vec<u8> {
    let separator = Separator::needed_after(above);
    let mut bytes = above.to_vec();
    bytes.extend(std::iter::repeat_n(b'\n', separator.newlines()));
    bytes.extend(render(separator));
    bytes
}

/// The bytes with a block above everything else, but below a first line `#!…`.
pub fn prepend(below: &[u8], render: impl Fn(Separator) -> Vec<u8>) -> Vec<u8> {
    let at = match below.iter().position(|byte| *byte == b'\n') {
        Some(newline) if below.starts_with(b"#!") => newline + 1,
        _ => 0,
    };
    if Separator::needed_after(&below[..at]) != Separator::None {
        return append(below, render);
    }
    [&below[..at], &render(Separator::None), &below[at..]].concat()
}

/// The bytes with the block replaced where it stands, its separator kept.
pub fn replace(bytes: &[u8], block: &Block, render: impl Fn(Separator) -> Vec<u8>) -> Vec<u8> {
    [&bytes[..block.span.start], &render(block.separator), &bytes[block.span.end..]].concat()
}

/// The bytes without the block, and without the newlines that came with it as far as they still stand at the end.
///
/// Text below the block stays on a line of its own: a newline that the user's last line lacked is then kept.
pub fn remove(bytes: &[u8], block: &Block) -> Vec<u8> {
    let mut above = &bytes[..block.span.start];
    let below = &bytes[block.span.end..];
    let added = match (block.separator, below.is_empty()) {
        (separator, true) => separator.newlines(),
        (Separator::EmptyLine | Separator::NewlineAndEmptyLine, false) if above.ends_with(b"\n\n") => 1,
        _ => 0,
    };
    for _ in 0..added {
        above = above.strip_suffix(b"\n").unwrap_or(above);
    }
    [above, below].concat()
}

/// Why these bytes are not a file that lines can be added to, if they are not.
pub fn foreign_encoding(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") { Some("UTF-16") } else { None }
}

/// Byte ranges of the lines, each with its newline.
fn lines(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        if start >= bytes.len() {
            return None;
        }
        let length = bytes[start..].iter().position(|byte| *byte == b'\n').map_or(bytes.len() - start, |at| at + 1);
        let range = start..start + length;
        start = range.end;
        Some(range)
    })
}

enum Marker {
    /// A begin marker, and how many bytes before it belong to the user (a byte order mark).
    Begin(usize),
    End,
}

fn marker(line: &[u8]) -> Option<Marker> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    // At the start of any line: what stands below a block is the first line once the block is gone.
    let skipped = if line.starts_with(BOM) { BOM.len() } else { 0 };
    match &line[skipped..] {
        marker if marker == BEGIN.as_bytes() => Some(Marker::Begin(skipped)),
        marker if marker == END.as_bytes() => Some(Marker::End),
        _ => None,
    }
}

fn separator_of(block: &[u8]) -> Separator {
    let noted = |separator: &Separator| {
        separator.note().is_some_and(|note| {
            lines(block).any(|range| {
                let line = &block[range];
                let line = line.strip_suffix(b"\n").unwrap_or(line);
                line.strip_suffix(b"\r").unwrap_or(line) == note.as_bytes()
            })
        })
    };
    Separator::ALL.into_iter().find(noted).unwrap_or_default()
}
