//! `application/x-www-form-urlencoded`, as FPX writes and reads it.

use super::MessageError;

/// The largest body that is looked at, in bytes; ours have about 1,200.
pub const LARGEST_BODY: usize = 16 * 1024;
/// The most fields that are looked at; the largest message has 22.
const MOST_FIELDS: usize = 64;
/// What FPX answers when it could not.
const NO_ANSWER: &[u8] = b"ERROR";

/// Cuts a body into names and values, decoded: `+` is a blank, `%XX` a byte. White space around the body is dropped.
/// All of it is UTF-8, or else all of it is ISO-8859-1.
///
/// # Errors
/// [`MessageError`]: too large, no answer, not a form.
pub fn decode(body: &[u8]) -> Result<Vec<(String, String)>, MessageError> {
    if body.len() > LARGEST_BODY {
        return Err(MessageError::TooLarge);
    }
    let body = body.trim_ascii();
    if body.is_empty() || body == NO_ANSWER {
        return Err(MessageError::NoAnswer);
    }
    let mut pairs = Vec::new();
    for piece in body.split(|byte| *byte == b'&') {
        let equals = piece.iter().position(|byte| *byte == b'=').ok_or(MessageError::NotAForm)?;
        pairs.push((decode_bytes(&piece[..equals])?, decode_bytes(&piece[equals + 1..])?));
        if pairs.len() > MOST_FIELDS {
            return Err(MessageError::TooLarge);
        }
    }
    let utf8: Result<Vec<_>, _> = pairs
        .iter()
        .map(|(name, value)| Ok::<_, std::str::Utf8Error>((text(name)?.to_owned(), text(value)?.to_owned())))
        .collect();
    Ok(utf8.unwrap_or_else(|_| pairs.iter().map(|(name, value)| (latin(name), latin(value))).collect()))
}

fn text(bytes: &[u8]) -> Result<&str, std::str::Utf8Error> {
    std::str::from_utf8(bytes)
}

/// ISO-8859-1: every byte is the character of its number.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn decode_bytes(coded: &[u8]) -> Result<Vec<u8>, MessageError> {
    let mut plain = Vec::with_capacity(coded.len());
    let mut rest = coded.iter();
    while let Some(byte) = rest.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (rest.next().and_then(hexadecimal), rest.next().and_then(hexadecimal));
                high.zip(low).map(|(high, low)| high << 4 | low).ok_or(MessageError::NotAForm)?
            }
            other => *other,
        });
    }
    Ok(plain)
}

fn hexadecimal(digit: &u8) -> Option<u8> {
    char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Writes a body. Letters, digits and `- . * _` stand for themselves, a blank is `+`, every other byte is `%XX`.
pub fn encode<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut body = String::new();
    for (name, value) in fields {
        if !body.is_empty() {
            body.push('&');
        }
        encode_text(&mut body, name);
        body.push('=');
        encode_text(&mut body, value);
    }
    body
}

fn encode_text(body: &mut String, text: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b' ' => body.push('+'),
            b'-' | b'.' | b'*' | b'_' => body.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => body.push(char::from(byte)),
            _ => {
                body.push('%');
                body.push(char::from(DIGITS[usize::from(byte >> 4)]));
                body.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs(body: &[u8]) -> Vec<(String, String)> {
        decode(body).expect("a form")
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn blanks_and_bytes_are_decoded() {
        assert_eq!(pairs(b"\r\n a=1+2%2B&b==&c=%7e \n"), [pair("a", "1 2+"), pair("b", "="), pair("c", "~")]);
        assert_eq!(pairs("a=%C3%89&b=é".as_bytes()), [pair("a", "É"), pair("b", "é")]);
        assert_eq!(pairs(b"a=%C9&b=%C3%89"), [pair("a", "É"), pair("b", "Ã\u{89}")], "one coding for the whole body");
    }

    #[test]
    fn what_is_no_form_is_refused() {
        for body in [&b""[..], b" \r\n", b"ERROR", b"\nERROR\n"] {
            assert_eq!(decode(body), Err(MessageError::NoAnswer), "{body:?}");
        }
        for body in [&b"a"[..], b"a=1&", b"&a=1", b"a=%", b"a=%4", b"a=%4G", b"a=%+1", b"<html>"] {
            assert_eq!(decode(body), Err(MessageError::NotAForm), "{body:?}");
        }
        let long = |count: usize| [b"a=".to_vec(), vec![b'x'; count - 2]].concat();
        assert!(decode(&long(LARGEST_BODY)).is_ok());
        assert_eq!(decode(&long(LARGEST_BODY + 1)), Err(MessageError::TooLarge));
        let many = |count: usize| vec!["a="; count].join("&");
        assert!(decode(many(MOST_FIELDS).as_bytes()).is_ok());
        assert_eq!(decode(many(MOST_FIELDS + 1).as_bytes()), Err(MessageError::TooLarge));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(name in "[ -~é]{0,10}", value in any::<String>()) {
            let body = encode([(name.as_str(), value.as_str())].into_iter());
            prop_assert!(body.is_ascii());
            prop_assert_eq!(decode(body.as_bytes()), Ok(vec![(name, value)]));
        }

        #[test]
        fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&body);
        }
    }
}
