//! Files of properties as `java.util.Properties` reads them, with the place of every key and value.
//!
//! Natural lines, comments (`#`, `!`), continued lines, separators (`=`, `:`, blanks) and escapes are Java's.
//! Knows nothing of what the keys mean.

use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Property {
    /// Without escapes.
    pub key: String,
    /// Without escapes, and without the breaks of continued lines.
    pub value: String,
    /// Where the key stands.
    pub key_at: Range<usize>,
    /// Where the value stands; the key, if it is empty.
    pub value_at: Range<usize>,
    /// The line of the key, from 1.
    pub line: usize,
}

/// A `\u` that four hexadecimal digits do not follow: Java gives up on the whole file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    /// From the backslash on.
    pub at: Range<usize>,
}

/// Everything in the file, in order; a key that stands twice is there twice.
///
/// # Errors
/// Every malformed escape.
pub(super) fn read(text: &str) -> Result<Vec<Property>, Vec<Malformed>> {
    let mut reader = Reader { text, chars: text.char_indices().peekable(), malformed: Vec::new() };
    let mut all = Vec::new();
    while reader.begin_line() {
        all.push(reader.property());
    }
    if reader.malformed.is_empty() { Ok(all) } else { Err(reader.malformed) }
}

struct Reader<'t> {
    text: &'t str,
    chars: Peekable<CharIndices<'t>>,
    malformed: Vec<Malformed>,
}

/// What the next piece of a logical line is.
enum Piece {
    /// A character as written.
    Plain(char),
    /// One that stood behind a backslash, or was spelt as its number.
    Escaped(char),
    /// The line ends.
    End,
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{c}')
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

impl Reader<'_> {
    fn at(&mut self) -> usize {
        self.chars.peek().map_or(self.text.len(), |(at, _)| *at)
    }
    fn peek(&mut self) -> Option<char> {
        self.chars.peek().map(|(_, c)| *c)
    }
    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.chars.next_if(|(_, c)| wanted(*c)).is_some() {}
    }

    /// Goes to the next line that holds a property; whether there is one.
    fn begin_line(&mut self) -> bool {
        loop {
            self.skip_while(|c| is_blank(c) || is_break(c));
            match self.peek() {
                None => return false,
                // A comment is never continued.
                Some('#' | '!') => self.skip_while(|c| !is_break(c)),
                Some(_) => return true,
            }
        }
    }

    fn property(&mut self) -> Property {
        let begin = self.at();
        let line = self.text[..begin].replace("\r\n", "\n").matches(is_break).count() + 1;
        let (key, key_end) = self.key();
        self.skip_blanks();
        if self.chars.next_if(|(_, c)| matches!(c, '=' | ':')).is_some() {
            self.skip_blanks();
        }
        let value_begin = self.at();
        let mut value = String::new();
        let mut end = value_begin;
        while let Piece::Plain(c) | Piece::Escaped(c) = self.piece() {
            value.push(c);
            end = self.at();
        }
        let key_at = begin..key_end;
        let value_at = if end > value_begin { value_begin..end } else { key_at.clone() };
        Property { key, value, key_at, value_at, line }
    }

    /// Up to the first separator without a backslash.
    fn key(&mut self) -> (String, usize) {
        let mut key = String::new();
        let mut end = self.at();
        loop {
            while self.continued() {}
            if self.peek().is_some_and(|c| is_blank(c) || matches!(c, '=' | ':')) {
                return (key, end);
            }
            match self.piece() {
                Piece::Plain(c) | Piece::Escaped(c) => key.push(c),
                Piece::End => return (key, end),
            }
            end = self.at();
        }
    }

    /// Blanks, also those around the end of a continued line.
    fn skip_blanks(&mut self) {
        loop {
            self.skip_while(is_blank);
            if !self.continued() {
                return;
            }
        }
    }

    /// Passes a backslash at the end of a line and what the next line begins with; whether there was one.
    fn continued(&mut self) -> bool {
        let mut ahead = self.chars.clone();
        if ahead.next().is_none_or(|(_, c)| c != '\\') {
            return false;
        }
        match ahead.next().map(|(_, c)| c) {
            Some('\r') => {
                let _ = ahead.next_if(|(_, c)| *c == '\n');
            }
            Some('\n') | None => {}
            Some(_) => return false,
        }
        self.chars = ahead;
        self.skip_while(is_blank);
        true
    }

    fn piece(&mut self) -> Piece {
        while self.continued() {}
        let Some((at, c)) = self.chars.next_if(|(_, c)| !is_break(*c)) else { return Piece::End };
        if c != '\\' {
            return Piece::Plain(c);
        }
        match self.chars.next().map(|(_, c)| c) {
            Some('t') => Piece::Escaped('\t'),
            Some('n') => Piece::Escaped('\n'),
            Some('r') => Piece::Escaped('\r'),
            Some('f') => Piece::Escaped('\u{c}'),
            Some('u') => Piece::Escaped(self.unicode(at)),
            Some(c) => Piece::Escaped(c),
            None => Piece::End,
        }
    }

    /// A character by its number; two of them where Java needs a pair. Half a pair is no character.
    fn unicode(&mut self, at: usize) -> char {
        let Some(first) = self.hex(at) else { return char::REPLACEMENT_CHARACTER };
        if let 0xd800..0xdc00 = first {
            let mut ahead = self.chars.clone();
            if ahead.next().is_some_and(|(_, c)| c == '\\') && ahead.next().is_some_and(|(_, c)| c == 'u') {
                let begin = self.at();
                self.chars = ahead;
                let second = self.hex(begin).unwrap_or(0);
                let pair = char::decode_utf16([first as u16, second as u16]).next();
                return pair.and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER);
            }
        }
        char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&mut self, at: usize) -> Option<u32> {
        let mut number = 0;
        for _ in 0..4 {
            let Some((_, digit)) = self.chars.next_if(|(_, c)| c.is_ascii_hexdigit()) else {
                let end = self.at();
                self.malformed.push(Malformed { at: at..end });
                return None;
            };
            number = number * 16 + digit.to_digit(16).unwrap_or(0);
        }
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        read(text).expect("it is well formed").into_iter().map(|p| (p.key, p.value)).collect()
    }
    fn one(text: &str) -> (String, String) {
        let mut all = pairs(text);
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }
    fn pair(key: &str, value: &str) -> (String, String) {
        (key.into(), value.into())
    }

    #[test]
    fn the_examples_of_javas_own_documentation() {
        for text in ["Truth = Beauty\n", " Truth:Beauty\n", "Truth                    :Beauty"] {
            assert_eq!(one(text), pair("Truth", "Beauty"), "{text}");
        }
        let fruits = "fruits                           apple, banana, pear, \\\n                                  \
cantaloupe, watermelon, \\\n                                  kiwi, mango\n";
        assert_eq!(one(fruits), pair("fruits", "apple, banana, pear, cantaloupe, watermelon, kiwi, mango"));
        assert_eq!(one("cheeses\n"), pair("cheeses", ""));
        assert_eq!(one("\\:\\=\n"), pair(":=", ""));
    }

    #[test]
    fn separators_blanks_and_escapes_are_javas() {
        let cases = [
            ("a==b", "a", "=b"),
            ("a = = b", "a", "= b"),
            ("a  b c ", "a", "b c "),
            ("a\t:\tb", "a", "b"),
            ("a\\ b=c", "a b", "c"),
            ("a\\=b=c", "a=b", "c"),
            ("a=\\  b", "a", "  b"),
            ("a=b\\tc\\n\\q", "a", "b\tc\nq"),
            ("a=\\u0041\\u00e4", "a", "A\u{e4}"),
            ("a=\\uD83D\\uDE00", "a", "\u{1f600}"),
            ("a=\\uD83Dx", "a", "\u{fffd}x"),
            ("a=b\\\\", "a", "b\\"),
            ("a=b\\", "a", "b"),
            ("=b", "", "b"),
            ("a=b#c", "a", "b#c"),
            ("a=b\\\r\n  c", "a", "bc"),
            ("a=b\\\n#c", "a", "b#c"),
            ("a\\\n  =\\\n  b", "a", "b"),
            ("ab\\\n  cd=e", "abcd", "e"),
            ("a=b\\\n\n", "a", "b"),
            ("a=\\\\\\\n  b", "a", "\\b"),
            ("a=C:\\\\dir", "a", "C:\\dir"),
        ];
        for (text, key, value) in cases {
            assert_eq!(one(text), pair(key, value), "{text:?}");
        }
    }

    #[test]
    fn comments_end_with_their_line_and_keys_may_stand_twice() {
        let text = "# one \\\na=1\r\n  ! two\r\n\r\n\tb:2\ra=3";
        assert_eq!(pairs(text), [pair("a", "1"), pair("b", "2"), pair("a", "3")]);
        assert_eq!(read(text).unwrap().iter().map(|p| p.line).collect::<Vec<_>>(), [2, 5, 6]);
    }

    #[test]
    fn places_are_those_of_the_text() {
        let text = "# c\n linger.ms = 20 \nacks\n";
        let all = read(text).unwrap();
        assert_eq!((&text[all[0].key_at.clone()], &text[all[0].value_at.clone()]), ("linger.ms", "20 "));
        assert_eq!(&text[all[1].value_at.clone()], "acks");
    }

    proptest! {
        /// Places are those of characters, and whatever is read has one.
        #[test]
        fn any_text_is_read_or_refused(text in "[ab=: \\\\\n\r\tu0-9#!\u{e4}]{0,60}") {
            let whole = |at: &Range<usize>| text.get(at.clone()).is_some();
            match read(&text) {
                Ok(all) => prop_assert!(all.iter().all(|p| whole(&p.key_at) && whole(&p.value_at))),
                Err(malformed) => prop_assert!(malformed.iter().all(|m| whole(&m.at))),
            }
        }
    }

    #[test]
    fn a_malformed_escape_has_its_place() {
        let text = "a=1\nb=\\u12x4\nc=\\uzz";
        let wrong: Vec<&str> = read(text).unwrap_err().into_iter().map(|m| &text[m.at]).collect();
        assert_eq!(wrong, ["\\u12", "\\u"]);
    }
}
