//! The outline of an event: a JSON text by which the gate decides as by the whole one, without what it never looks at. A large
//! event costs the engine, which parses it, no more memory than a small one. Pure.
//!
//! - A member whose name nobody asks for is cut; one stand-in tells that there was one.
//! - A text that is only asked whether it is there becomes `x`.
//! - An element of a list that looks like one just before it is cut: nobody counts.
//! - Objects deeper than anybody looks become empty, and lists in lists in lists one list.
//!
//! The whole text is read by the grammar of JSON, RFC 8259: what is no JSON has no outline. `proxy/outline.ts` has the names.

use std::collections::HashSet;

/// Names of the members that decisions ask for.
pub struct Asked {
    /// With all that is in them.
    pub whole: HashSet<String>,
    /// Whether there is a text, and not which.
    pub presence: HashSet<String>,
    /// With all that is in them, in small letters and capitals alike.
    pub headers: Vec<String>,
    /// Objects whose own members go by any name.
    pub maps: HashSet<String>,
    /// Lists of which every element counts.
    pub lists: HashSet<String>,
    /// Names that begin so are kept as they are.
    pub prefix: String,
    /// A name that nobody asks for.
    pub stand_in: String,
}

/// Nobody looks into an object that so many others hold.
const OBJECTS: usize = 16;
/// Nobody tells lists apart that stand so deep one in another.
const LISTS: usize = 8;
/// With so many of the elements before it is an element compared.
const RECENT: usize = 4;

/// None where the text is no JSON.
pub fn outline_of(text: &str, asked: &Asked) -> Option<String> {
    let mut walk =
        Walk { text: text.as_bytes(), at: 0, out: vec![], open: vec![], is_fresh: false, kept: vec![], cut: 0, asked };
    walk.whole()?;
    // Pieces of a text, cut where characters begin.
    String::from_utf8(walk.out).ok()
}

#[derive(Clone, Copy, PartialEq)]
enum Bracket {
    Object,
    List,
    /// A list whose elements are taken for those of the list around it.
    Melted,
}

/// How a value is looked at.
#[derive(Clone, Copy, PartialEq)]
enum Look {
    Whole,
    Presence,
    Nobody,
}

/// What a name says of its value.
#[derive(Clone, Copy)]
struct Place {
    look: Look,
    is_map: bool,
    every_element: bool,
}

const TOP: Place = Place { look: Look::Presence, is_map: false, every_element: false };

/// An object or list that is open and was not cut.
struct Level {
    is_object: bool,
    /// Of what comes next in it.
    place: Place,
    /// Objects that hold this one, itself included.
    objects: usize,
    /// Lists that stand one in another here, this one included.
    lists: usize,
    /// Whether something of it was written.
    is_begun: bool,
    has_stand_in: bool,
    /// Where the element begins that is being written, its comma included.
    element: usize,
    /// Elements written before, without their commas.
    recent: [(usize, usize); RECENT],
}

struct Walk<'t> {
    text: &'t [u8],
    at: usize,
    out: Vec<u8>,
    open: Vec<Bracket>,
    /// The innermost has just been opened.
    is_fresh: bool,
    /// For each that is open, but for melted and cut ones.
    kept: Vec<Level>,
    /// So many of the innermost are cut.
    cut: usize,
    asked: &'t Asked,
}

impl Walk<'_> {
    fn whole(&mut self) -> Option<()> {
        self.space();
        self.value(TOP)?;
        loop {
            self.space();
            let Some(&bracket) = self.open.last() else { return (self.at == self.text.len()).then_some(()) };
            let end = if bracket == Bracket::Object { b'}' } else { b']' };
            let is_fresh = std::mem::take(&mut self.is_fresh);
            if self.peek()? == end {
                self.at += 1;
                self.close();
                continue;
            }
            if !is_fresh {
                self.expect(b',')?;
                self.space();
            }
            if bracket == Bracket::Object {
                self.member()?;
            } else {
                self.value(self.kept.last().map_or(TOP, |level| level.place))?;
            }
        }
    }

    /// A name, and its value or the beginning of it.
    fn member(&mut self) -> Option<()> {
        let from = self.at;
        self.string()?;
        let name = &self.text[from..self.at];
        let place = if self.cut > 0 { Place { look: Look::Nobody, ..TOP } } else { self.begin_member(name) };
        self.space();
        self.expect(b':')?;
        self.space();
        self.value(place)
    }

    fn begin_member(&mut self, quoted: &[u8]) -> Place {
        let Some(level) = self.kept.last_mut() else { return TOP };
        let place = self.asked.place_of(quoted, level.place.is_map);
        if place.look == Look::Nobody && level.has_stand_in {
            return place;
        }
        if level.is_begun {
            self.out.push(b',');
        }
        level.is_begun = true;
        if place.look == Look::Nobody {
            level.has_stand_in = true;
            self.out.extend_from_slice(format!("\"{}\":0", self.asked.stand_in).as_bytes());
        } else {
            self.out.extend_from_slice(quoted);
            self.out.push(b':');
        }
        place
    }

    /// A value without parts, or the beginning of one that has some.
    fn value(&mut self, place: Place) -> Option<()> {
        match self.peek()? {
            b'{' => self.begin(Bracket::Object, place),
            b'[' => self.begin(Bracket::List, Place { is_map: false, ..place }),
            first => {
                let from = self.at;
                match first {
                    b'"' => self.string()?,
                    b't' => self.word(b"true")?,
                    b'f' => self.word(b"false")?,
                    b'n' => self.word(b"null")?,
                    _ => self.number()?,
                }
                if self.cut > 0 || place.look == Look::Nobody {
                    return Some(());
                }
                self.begin_element();
                let value = &self.text[from..self.at];
                self.out.extend_from_slice(match (place.look, first) {
                    (Look::Presence, b'"') if value.len() > 2 => b"\"x\"",
                    (Look::Presence, b'-' | b'0'..=b'9') => b"0",
                    _ => value,
                });
                self.end_element();
            }
        }
        Some(())
    }

    fn begin(&mut self, bracket: Bracket, place: Place) {
        self.at += 1;
        self.is_fresh = true;
        let is_object = bracket == Bracket::Object;
        if self.cut > 0 || place.look == Look::Nobody {
            self.cut += 1;
            self.open.push(bracket);
            return;
        }
        let around = self.kept.last();
        let objects = around.map_or(0, |level| level.objects) + usize::from(is_object);
        let lists = if is_object { 0 } else { around.map_or(0, |level| level.lists) + 1 };
        if lists > LISTS {
            self.open.push(Bracket::Melted);
            return;
        }
        self.begin_element();
        self.open.push(bracket);
        if objects > OBJECTS {
            self.out.extend_from_slice(b"{}");
            self.cut = 1;
            return;
        }
        self.out.push(if is_object { b'{' } else { b'[' });
        self.kept.push(Level {
            is_object,
            place,
            objects,
            lists,
            is_begun: false,
            has_stand_in: false,
            element: 0,
            recent: [(0, 0); RECENT],
        });
    }

    fn close(&mut self) {
        match self.open.pop() {
            _ if self.cut > 0 => {
                self.cut -= 1;
                if self.cut > 0 {
                    return;
                }
            }
            Some(Bracket::Melted) | None => return,
            Some(bracket) => {
                self.out.push(if bracket == Bracket::Object { b'}' } else { b']' });
                self.kept.pop();
            }
        }
        self.end_element();
    }

    fn begin_element(&mut self) {
        let Some(level) = self.kept.last_mut().filter(|level| !level.is_object) else { return };
        level.element = self.out.len();
        if level.is_begun {
            self.out.push(b',');
        }
    }

    /// Takes back what was written, where it says nothing new.
    fn end_element(&mut self) {
        let Some(level) = self.kept.last_mut().filter(|level| !level.is_object) else { return };
        let written = (level.element + usize::from(level.is_begun), self.out.len());
        let is_known = level.recent.iter().any(|&(from, to)| self.out[from..to] == self.out[written.0..written.1]);
        if level.is_begun && is_known && !level.place.every_element {
            self.out.truncate(level.element);
            return;
        }
        level.is_begun = true;
        level.recent.rotate_right(1);
        level.recent[0] = written;
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.text[self.at..].starts_with(word).then(|| self.at += word.len())
    }

    fn string(&mut self) -> Option<()> {
        self.expect(b'"')?;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => {
                    self.at += 1;
                    match self.peek()? {
                        b'u' => {
                            let digits = self.text.get(self.at + 1..self.at + 5)?;
                            digits.iter().all(u8::is_ascii_hexdigit).then(|| self.at += 4)?;
                        }
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        _ => return None,
                    }
                }
                0..b' ' => return None,
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let _ = self.expect(b'-');
        if self.expect(b'0').is_none() {
            self.digits()?;
        }
        if self.expect(b'.').is_some() {
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let from = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        (self.at > from).then_some(())
    }
}

impl Asked {
    /// A name with an escape in it may be any.
    fn place_of(&self, quoted: &[u8], in_map: bool) -> Place {
        let name = std::str::from_utf8(&quoted[1..quoted.len() - 1]).unwrap_or_default();
        let may_be_any = name.contains('\\');
        let is_whole = in_map
            || may_be_any
            || self.whole.contains(name)
            || name.starts_with(&self.prefix)
            || self.headers.iter().any(|header| header.eq_ignore_ascii_case(name));
        Place {
            look: match () {
                () if is_whole => Look::Whole,
                () if self.presence.contains(name) => Look::Presence,
                () => Look::Nobody,
            },
            is_map: may_be_any || self.maps.contains(name),
            every_element: may_be_any || self.lists.contains(name),
        }
    }
}
