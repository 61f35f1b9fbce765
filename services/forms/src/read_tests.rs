//! The forms as other people's programs read them: poppler for their words, zbar for their codes.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::form_tests::{apology, control, letter, register, stop, supplement};
use crate::tests::receipt;
use crate::*;

/// A folder that goes with its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("motcua-forms-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn keep(&self, pdf: &[u8]) -> PathBuf {
        let path = self.0.join("form.pdf");
        std::fs::write(&path, pdf).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn run(program: &str, args: &[&str]) -> String {
    let out = Command::new(program).args(args).output().unwrap_or_else(|e| panic!("{program}: {e}"));
    assert!(out.status.success(), "{program}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// The words of each page, with single spaces.
fn words(pdf: &Path) -> Vec<String> {
    let text = run("pdftotext", &["-layout", pdf.to_str().unwrap(), "-"]);
    let mut pages: Vec<String> =
        text.split('\u{c}').map(|page| page.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(pages.pop().as_deref(), Some(""), "a page ends with a form feed");
    pages
}

/// What a phone reads on the first page, at the resolution of an office printer.
fn codes(folder: &Folder, pdf: &Path) -> Vec<String> {
    let page = folder.0.join("page");
    let page = page.to_str().unwrap();
    run("pdftoppm", &["-r", "200", "-f", "1", "-l", "1", "-singlefile", "-png", pdf.to_str().unwrap(), page]);
    run("zbarimg", &["--quiet", "--raw", &format!("{page}.png")]).lines().map(str::to_owned).collect()
}

#[test]
fn a_receipt_gives_its_words_and_its_codes_at_every_length_and_size() {
    let folder = Folder::new("receipt");
    for (papers, paper, sides) in [
        (1, PaperSize::A4, 1),
        (20, PaperSize::A4, 1),
        (60, PaperSize::A4, 2),
        (1, PaperSize::A5, 1),
        (20, PaperSize::A5, 2),
    ] {
        let pdf = folder.keep(&receipt_pdf(&Receipt { paper, ..receipt(papers) }).unwrap());
        let pages = words(&pdf);
        assert_eq!(pages.len(), 2 * sides, "{papers} papers on {paper:?}");
        let copy = pages[..sides].join(" ");
        for word in [
            "Tiếp nhận hồ sơ của: Nguyễn Thị Ngọc Ưởng",
            "Người nộp hồ sơ: Thạch Sa Rây",
            "Mã hồ sơ: 000.00.16.H61-190401-0001",
            "16 tháng 4 năm 2019",
        ] {
            assert!(copy.contains(word), "{word} is missing on {paper:?}: {copy}");
        }
        assert_eq!(copy.matches("Giấy tờ thứ").count(), papers);
        let read = codes(&folder, &pdf);
        assert!(read.contains(&"https://centre.example/d/9f86d081884c7d659a2feaa0c55ad015".to_owned()), "{read:?}");
        assert!(read.contains(&"000.00.16.H61-190401-0001".to_owned()), "the bars too, on {paper:?}: {read:?}");
    }
}

#[test]
fn every_other_form_gives_its_words_and_letters_their_code() {
    let folder = Folder::new("others");
    let refusal = Slip::Refusal { reason: "Không thuộc thẩm quyền".into(), officer: "Lê Văn Bình".into() };
    for (slip, word) in [
        (supplement(1), "Giấy tờ thứ 1: bản vẽ đã được thẩm định"),
        (supplement(20), "Giấy tờ thứ 20"),
        (refusal, "Không thuộc thẩm quyền"),
        (apology(), "Hệ thống của Bộ tạm dừng"),
        (stop(), "Hoàn lại 30.000 đồng"),
    ] {
        for set in [FormSet::Y2018, FormSet::Y2025] {
            let pdf = folder.keep(&slip_pdf(&letter(set, slip.clone())).unwrap());
            let pages = words(&pdf);
            assert_eq!(pages.len(), 1);
            assert!(pages[0].contains(word) && pages[0].contains("Nguyễn Thị Ngọc Ưởng"), "{}", pages[0]);
            let read = codes(&folder, &pdf);
            assert!(read.iter().any(|code| code.starts_with("https://centre.example/d/")), "{word}: {read:?}");
        }
    }
    let long = words(&folder.keep(&slip_pdf(&letter(FormSet::Y2025, supplement(60))).unwrap()));
    assert!(long.len() == 2 && long[1].contains("Giấy tờ thứ 60"));
    let slip = words(&folder.keep(&control_pdf(&control(FormSet::Y2018, 3)).unwrap()));
    assert!(slip[0].contains("Sở Xây dựng") && slip[0].contains("KẾT QUẢ GIẢI QUYẾT HỒ SƠ"), "{}", slip[0]);
    let book = words(&folder.keep(&register_pdf(&register(60)).unwrap()));
    assert!(book.len() > 1 && book.iter().all(|page| page.contains("Tên TTHC")), "the head is on every page");
}
