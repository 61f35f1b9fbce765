//! Everyday names and the words the catalogue uses instead, folded.

const TABLE: &[(&str, &[&str])] = &[
    ("so do", &["giay chung nhan quyen su dung dat"]),
    ("so hong", &["giay chung nhan quyen su dung dat", "quyen so huu nha o"]),
    ("bia do", &["giay chung nhan quyen su dung dat"]),
    ("sang ten", &["dang ky bien dong", "chuyen nhuong"]),
    ("tach thua", &["tach thua dat", "hop thua dat"]),
    ("mua ban dat", &["chuyen nhuong quyen su dung dat"]),
    ("the chap", &["dang ky bien phap bao dam", "dang ky the chap"]),
    ("xoa the chap", &["xoa dang ky bien phap bao dam"]),
    ("tien an", &["phieu ly lich tu phap"]),
    ("tien su", &["phieu ly lich tu phap"]),
    ("ly lich", &["phieu ly lich tu phap"]),
    ("bang lai", &["giay phep lai xe"]),
    ("lai xe", &["giay phep lai xe"]),
    ("ho chieu", &["ho chieu pho thong"]),
    ("passport", &["ho chieu"]),
    ("cccd", &["can cuoc"]),
    ("chung minh nhan dan", &["can cuoc"]),
    ("khai sinh", &["giay khai sinh", "trich luc ho tich"]),
    ("cuoi", &["ket hon"]),
    ("mo cong ty", &["dang ky thanh lap cong ty", "dang ky thanh lap doanh nghiep"]),
    ("lap cong ty", &["thanh lap cong ty", "thanh lap doanh nghiep"]),
    ("cong ty tnhh", &["cong ty trach nhiem huu han"]),
    ("hop tac xa", &["htx"]),
    ("kinh doanh ho ca the", &["dang ky ho kinh doanh"]),
    ("giay phep kinh doanh", &["dang ky kinh doanh", "dang ky ho kinh doanh", "dang ky thanh lap doanh nghiep"]),
    ("giay phep xay nha", &["giay phep xay dung nha o rieng le", "giay phep xay dung"]),
    ("xay nha", &["giay phep xay dung"]),
    ("sua nha", &["giay phep sua chua cai tao"]),
    ("bhxh", &["bao hiem xa hoi"]),
    ("bhyt", &["bao hiem y te"]),
    ("that nghiep", &["tro cap that nghiep", "bao hiem that nghiep"]),
    ("nguoi nuoc ngoai lam viec", &["giay phep lao dong"]),
    ("work permit", &["giay phep lao dong"]),
    ("an toan thuc pham", &["du dieu kien an toan thuc pham", "ve sinh an toan thuc pham"]),
    ("nha thuoc", &["du dieu kien kinh doanh duoc", "co so ban le thuoc"]),
    ("quay thuoc", &["du dieu kien kinh doanh duoc", "co so ban le thuoc"]),
    ("phong kham", &["giay phep hoat dong kham benh chua benh", "kham benh"]),
    ("chung chi hanh nghe y", &["hanh nghe kham benh"]),
    ("mat bang", &["cap lai"]),
    ("bi mat", &["cap lai"]),
    ("lam lai", &["cap lai"]),
    ("gia han", &["gia han"]),
    ("thuong binh", &["nguoi co cong"]),
    ("liet si", &["nguoi co cong"]),
    ("khuyet tat", &["nguoi khuyet tat"]),
    ("luat su", &["hanh nghe luat su"]),
    ("cong chung", &["cong chung vien", "van phong cong chung"]),
    ("bang cap", &["van bang", "bang tot nghiep"]),
    ("bang tot nghiep", &["van bang"]),
    ("quang cao", &["san pham quang cao"]),
    ("karaoke", &["dich vu karaoke"]),
    ("ban ruou", &["kinh doanh ruou", "ban le ruou"]),
    ("ban thuoc la", &["kinh doanh thuoc la", "ban le thuoc la"]),
    ("xang dau", &["ban le xang dau"]),
];

/// The query with an everyday name replaced, once for each meaning.
pub(super) fn meanings(asked: &[&str]) -> Vec<String> {
    let query = format!(" {} ", asked.join(" "));
    let mut found = Vec::new();
    for (everyday, official) in TABLE {
        let needle = format!(" {everyday} ");
        if let Some(at) = query.find(&needle) {
            let (before, after) = (query[..at].trim(), query[at + needle.len()..].trim());
            for words in *official {
                let meaning: Vec<&str> = [before, *words, after].into_iter().filter(|part| !part.is_empty()).collect();
                found.push(meaning.join(" "));
            }
        }
    }
    found
}
