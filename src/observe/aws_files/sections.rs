//! A light scan for headers and keys with their lines, which the SDK's own parser does not tell.

use super::Section;

/// The sections of a file in order.
pub fn scan(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        // An indented line continues the property above it.
        if line.starts_with([' ', '\t', '#', ';']) {
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            let header = rest.split_once(']').map_or(rest, |(header, _)| header);
            sections.push(Section { header: header.to_owned(), line: index + 1, ..Section::default() });
        } else if let (Some(section), Some((key, _))) = (sections.last_mut(), line.split_once('=')) {
            section.keys.insert(key.trim().to_ascii_lowercase(), index + 1);
        }
    }
    sections
}
