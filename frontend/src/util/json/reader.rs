//! Reads JSON, as small as it can be.
//!
//! Rule: it knows what the API says, which is objects, lists, texts, whole numbers, booleans and words for choices; and it
//! does not know where a text went wrong. A reader for everything makes each type of the API twice as large.

use std::{borrow::Cow, fmt};

use serde::{
    de::{
        DeserializeOwned, DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess,
        SeqAccess, Visitor, value::StrDeserializer,
    },
    forward_to_deserialize_any,
};

/// Reads all of a text.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Misfit> {
    let mut reader = Reader { text, at: 0 };
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// The text does not fit its type.
#[derive(Debug, PartialEq, Eq)]
pub struct Misfit;

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text does not fit")
    }
}

impl std::error::Error for Misfit {}

impl Error for Misfit {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// A text, and how much of it has been read.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// The next byte behind white space; nothing is a zero, which JSON has nowhere.
    fn peek(&mut self) -> u8 {
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(byte) => return *byte,
                None => return 0,
            }
        }
    }

    /// Whether the next byte is this one; then it is read.
    fn found(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte;
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), Misfit> {
        if self.found(byte) {
            Ok(())
        } else {
            Err(Misfit)
        }
    }

    fn end(&mut self) -> Result<(), Misfit> {
        if self.peek() == 0 && self.at == self.text.len() {
            Ok(())
        } else {
            Err(Misfit)
        }
    }

    /// Numbers, `true`, `false` and `null`: letters, digits and signs up to something else.
    fn word(&mut self) -> Result<&'a str, Misfit> {
        self.peek();
        let rest = self.text.get(self.at..).ok_or(Misfit)?;
        let end = rest
            .bytes()
            .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')))
            .unwrap_or(rest.len());
        self.at += end;
        rest.get(..end)
            .filter(|word| !word.is_empty())
            .ok_or(Misfit)
    }

    fn number(&mut self) -> Result<u64, Misfit> {
        // Signs are read where there are none in the API, but a plus is none of JSON's.
        let word = self.word()?;
        if word.starts_with('+') {
            return Err(Misfit);
        }
        word.parse().map_err(|_| Misfit)
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Misfit> {
        self.expect(b'"')?;
        let mut read = String::new();
        loop {
            let rest = self.text.get(self.at..).ok_or(Misfit)?;
            let end = rest
                .bytes()
                .position(|byte| matches!(byte, b'"' | b'\\' | ..b' '))
                .ok_or(Misfit)?;
            let plain = rest.get(..end).ok_or(Misfit)?;
            self.at += end;
            match self.next()? {
                b'"' if read.is_empty() => return Ok(Cow::Borrowed(plain)),
                b'"' => {
                    read.push_str(plain);
                    return Ok(Cow::Owned(read));
                }
                b'\\' => {
                    read.push_str(plain);
                    read.push(self.escaped()?);
                }
                _ => return Err(Misfit),
            }
        }
    }

    fn next(&mut self) -> Result<u8, Misfit> {
        let byte = self.text.as_bytes().get(self.at).ok_or(Misfit)?;
        self.at += 1;
        Ok(*byte)
    }

    /// What follows a backslash.
    fn escaped(&mut self) -> Result<char, Misfit> {
        Ok(match self.next()? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.letter(),
            _ => return Err(Misfit),
        })
    }

    /// A letter by its number; those that need it come in two halves.
    fn letter(&mut self) -> Result<char, Misfit> {
        let mut number = self.half()?;
        if (0xd800..0xdc00).contains(&number) {
            if (self.next()?, self.next()?) != (b'\\', b'u') {
                return Err(Misfit);
            }
            let low = self.half()?.checked_sub(0xdc00).filter(|low| *low < 0x400);
            number = 0x1_0000 + ((number - 0xd800) << 10) + low.ok_or(Misfit)?;
        }
        char::from_u32(number).ok_or(Misfit)
    }

    fn half(&mut self) -> Result<u32, Misfit> {
        (0..4).try_fold(0, |number, _| {
            let digit = char::from(self.next()?).to_digit(16).ok_or(Misfit)?;
            Ok(number * 16 + digit)
        })
    }

    /// Passes over a value of any kind. Of lists and objects only the end is looked for.
    fn pass(&mut self) -> Result<(), Misfit> {
        let mut depth = 0_u32;
        loop {
            match self.peek() {
                b'"' => drop(self.string()?),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1).ok_or(Misfit)?;
                    self.at += 1;
                }
                b',' | b':' if depth > 0 => self.at += 1,
                _ => drop(self.word()?),
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// Goes to the next item of a list or an object; false at its end.
    fn another(&mut self, first: &mut bool, end: u8) -> Result<bool, Misfit> {
        if self.found(end) {
            return Ok(false);
        }
        if !std::mem::take(first) {
            self.expect(b',')?;
        }
        Ok(true)
    }

    /// The name of the next field; none at the end of the object.
    fn key(&mut self, first: &mut bool) -> Result<Option<Cow<'a, str>>, Misfit> {
        if !self.another(first, b'}')? {
            return Ok(None);
        }
        let key = self.string()?;
        self.expect(b':')?;
        Ok(Some(key))
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Misfit> {
        Err(Misfit)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.word()? {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(Misfit),
        }
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_u64(self.number()?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_u64(self.number()?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_u64(self.number()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_str(&self.string()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_string(self.string()?.into_owned())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.peek() != b'n' {
            return visitor.visit_some(self);
        }
        match self.word()? {
            "null" => visitor.visit_none(),
            _ => Err(Misfit),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.expect(b'[')?;
        visitor.visit_seq(Parts {
            reader: self,
            first: true,
        })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.expect(b'{')?;
        visitor.visit_map(Parts {
            reader: self,
            first: true,
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let word = self.string()?;
        let choice: StrDeserializer<'_, Misfit> = (*word).into_deserializer();
        visitor.visit_enum(choice)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.pass()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u128 f32 f64 char bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct identifier
    }
}

/// What is in a list or an object.
struct Parts<'a, 'de> {
    reader: &'a mut Reader<'de>,
    first: bool,
}

impl<'de> SeqAccess<'de> for Parts<'_, 'de> {
    type Error = Misfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        if !self.reader.another(&mut self.first, b']')? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de> MapAccess<'de> for Parts<'_, 'de> {
    type Error = Misfit;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        let Some(key) = self.reader.key(&mut self.first)? else {
            return Ok(None);
        };
        let key: StrDeserializer<'_, Misfit> = (*key).into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Misfit> {
        seed.deserialize(&mut *self.reader)
    }
}
