//! Scans: what is taken, told by its first bytes and never by its name.

/// Largest file.
pub const FILE_BYTES_MAX: usize = 10 << 20;
const NAME_CHARS_MAX: usize = 150;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// PDF.
    Pdf,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
}

impl MediaType {
    const ALL: [Self; 3] = [Self::Pdf, Self::Jpeg, Self::Png];

    /// As in HTTP.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// Reads what HTTP writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    fn magic(self) -> &'static [u8] {
        match self {
            Self::Pdf => b"%PDF-",
            Self::Jpeg => b"\xff\xd8\xff",
            Self::Png => b"\x89PNG\r\n\x1a\n",
        }
    }

    fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
        }
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| bytes.starts_with(kind.magic()))
    }

    fn named(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        let extension = extension.to_ascii_lowercase();
        Self::ALL.into_iter().find(|kind| kind.extensions().contains(&extension.as_str()))
    }
}

/// Why a file is not taken: a sentence for the officer, with the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// No bytes.
    #[error("Tệp rỗng. Mời quét lại rồi chọn tệp.")]
    Empty,
    /// Beyond [`FILE_BYTES_MAX`].
    #[error("Tệp lớn hơn 10 MB. Mời quét ở độ phân giải thấp hơn hoặc tách thành nhiều tệp.")]
    TooLarge,
    /// Not all of it arrived.
    #[error("Tệp chưa được gửi hết. Mời đính kèm lại.")]
    Truncated,
    /// Neither PDF nor JPEG nor PNG.
    #[error("Chỉ nhận tệp PDF, JPG hoặc PNG. Mời quét lại sang một trong các loại này.")]
    TypeUnknown,
    /// The content is not what the name or the sender says.
    #[error("Nội dung tệp không đúng như tên tệp. Mời mở tệp kiểm tra rồi quét lại.")]
    TypeMismatch,
    /// No name, or a long or odd one.
    #[error("Tên tệp không đọc được hoặc quá dài. Mời đổi tên tệp rồi chọn lại.")]
    Name,
}

impl FileError {
    /// The stable reason that goes with the sentence.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Empty => "FILE_EMPTY",
            Self::TooLarge => "FILE_TOO_LARGE",
            Self::Truncated => "FILE_TRUNCATED",
            Self::TypeUnknown => "FILE_TYPE_UNKNOWN",
            Self::TypeMismatch => "FILE_TYPE_MISMATCH",
            Self::Name => "FILE_NAME_INVALID",
        }
    }
}

/// The name without a folder before it.
///
/// # Errors
/// [`FileError::Name`].
pub fn file_name(given: &str) -> Result<String, FileError> {
    let name = given.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let odd = |c: char| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}');
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(odd) {
        return Err(FileError::Name);
    }
    Ok(name.to_owned())
}

/// What a file is; refused where name or declaration say something else.
///
/// # Errors
/// [`FileError`].
pub fn media_type(name: &str, declared: &str, bytes: &[u8]) -> Result<MediaType, FileError> {
    if bytes.is_empty() {
        return Err(FileError::Empty);
    }
    if bytes.len() > FILE_BYTES_MAX {
        return Err(FileError::TooLarge);
    }
    let kind = MediaType::of(bytes);
    // Browsers declare what the name's ending says; "application/octet-stream" says nothing.
    let said = [MediaType::named(name), MediaType::parse(declared)];
    match kind {
        Some(kind) if said.into_iter().flatten().all(|said| said == kind) => Ok(kind),
        None if said == [None, None] => Err(FileError::TypeUnknown),
        _ => Err(FileError::TypeMismatch),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_bytes_decide() {
        for (name, declared, bytes, expected) in [
            ("a.pdf", "application/pdf", &b"%PDF-1.7"[..], Ok(MediaType::Pdf)),
            ("a.JPG", "image/jpeg", b"\xff\xd8\xff\xe0", Ok(MediaType::Jpeg)),
            ("scan", "", b"\x89PNG\r\n\x1a\n", Ok(MediaType::Png)),
            ("scan.0001", "application/octet-stream", b"%PDF-1.4", Ok(MediaType::Pdf)),
            ("a.pdf", "", b"", Err(FileError::Empty)),
            ("a.pdf", "", b"MZ\x90", Err(FileError::TypeMismatch)),
            ("a.pdf", "", b"\x89PNG\r\n\x1a\n", Err(FileError::TypeMismatch)),
            ("a.png", "application/pdf", b"%PDF-1.4", Err(FileError::TypeMismatch)),
            ("a.docx", "application/zip", b"PK\x03\x04", Err(FileError::TypeUnknown)),
            ("a.html", "text/html", b"<html>", Err(FileError::TypeUnknown)),
        ] {
            assert_eq!(media_type(name, declared, bytes), expected, "{name} {declared}");
        }
        assert_eq!(media_type("a.pdf", "", &vec![b'%'; FILE_BYTES_MAX + 1]), Err(FileError::TooLarge));
    }

    #[test]
    fn a_name_has_no_folder() {
        assert_eq!(file_name("C:\\Users\\x\\Tờ khai.pdf").unwrap(), "Tờ khai.pdf");
        assert_eq!(file_name("../../etc/passwd").unwrap(), "passwd");
        for bad in ["", "  ", "a/", "a\nb.pdf", "a\u{202e}fdp.exe", &"x".repeat(151)] {
            assert_eq!(file_name(bad), Err(FileError::Name), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_taken_begins_as_its_type_does(name in ".{0,20}", bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(kind) = media_type(&name, "", &bytes) {
                prop_assert!(bytes.starts_with(kind.magic()));
            }
        }
    }
}
