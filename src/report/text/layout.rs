//! Lines of a terminal page: wrapping, indents, colours.
//!
//! Knows nothing of results.

use super::Style;
use anstyle::Style as Ansi;

/// A page that grows line by line.
pub(in crate::report) struct Page {
    text: String,
    width: usize,
    style: Style,
}

impl Page {
    /// An empty page.
    pub(in crate::report) fn new(width: usize, style: Style) -> Self {
        Page { text: String::new(), width, style }
    }

    /// Characters per line.
    pub(in crate::report) fn width(&self) -> usize {
        self.width
    }

    /// An empty line and a heading.
    pub(in crate::report) fn heading(&mut self, text: &str, style: Ansi) {
        self.text.push('\n');
        self.styled(text, style);
    }

    /// A paragraph, wrapped.
    pub(in crate::report) fn styled(&mut self, text: &str, style: Ansi) {
        for line in wrap(text, self.width) {
            let line = self.painted(&line, style);
            self.text += &line;
            self.text.push('\n');
        }
    }

    /// Lines as they are.
    pub(in crate::report) fn block(&mut self, text: &str) {
        self.text += text;
        self.text.push('\n');
    }

    /// A wrapped paragraph that hangs from a bullet.
    pub(in crate::report) fn point(&mut self, text: &str, style: Ansi) {
        for (i, line) in wrap(text, self.width - 2).iter().enumerate() {
            let line = self.painted(line, style);
            self.text += if i == 0 { "- " } else { "  " };
            self.text += &line;
            self.text.push('\n');
        }
    }

    /// A styled word and a wrapped paragraph that hangs from it.
    pub(in crate::report) fn item(&mut self, word: &str, style: Ansi, text: &str) {
        let lead = word.chars().count() + 2;
        let mut lines = wrap(&format!("{} {text}", "x".repeat(lead - 1)), self.width).into_iter();
        let first = lines.next().unwrap_or_default();
        let rest: Vec<_> = lines.collect();
        let word = self.painted(word, style);
        let first: String = first.chars().skip(lead - 1).collect();
        self.text += &format!("{word}:{first}\n");
        // The rest is wrapped again, because it is indented.
        for line in wrap(&rest.join(" "), self.width - 4).iter().filter(|l| !l.is_empty()) {
            self.text += &format!("    {line}\n");
        }
    }

    /// The page.
    pub(in crate::report) fn finish(self) -> String {
        self.text
    }

    fn painted(&self, text: &str, style: Ansi) -> String {
        if self.style.colour && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// Breaks a text at blanks into lines of at most `width` characters; a longer word is cut. Control
/// characters become blanks, so that no text can steer the terminal.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in clean.split(' ').filter(|w| !w.is_empty()) {
        let letters: Vec<char> = word.chars().collect();
        for piece in letters.chunks(width) {
            if used > 0 && used + 1 + piece.len() > width {
                lines.push(String::new());
                used = 0;
            }
            let line = lines.last_mut().expect("begins with one line");
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.extend(piece);
            used += piece.len();
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_cut_and_controls_removed() {
        assert_eq!(wrap("ab cd ef", 5), ["ab cd", "ef"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("a\u{1b}[31m b", 20), ["a [31m b"]);
        assert_eq!(wrap("", 20), [""]);
    }

    #[test]
    fn an_item_hangs_from_its_word() {
        let mut page = Page::new(20, Style::default());
        page.item("W1", Ansi::new(), "one two three four five six");
        assert_eq!(page.finish(), "W1: one two three\n    four five six\n");
    }
}
