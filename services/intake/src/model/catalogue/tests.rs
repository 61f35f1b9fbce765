use super::*;
use crate::model::procedure::CaseError;
use proptest::prelude::*;

const HEADER: &str = "code,name,department,department_2025,field_code,field,level,reception,time_qty,time_unit,fee_vnd,fee_mode,full_online,components";
const GOOD: &str =
    "6.900001,Thủ tục thử,Sở Thử,,X01,Lĩnh vực thử,Cấp tỉnh,received,5.0,WORKING_DAY,0,zero,False,Đơn; Bản sao giấy tờ";

fn csv(rows: &[&str]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

fn problems(text: &str) -> Vec<Problem> {
    match parse(text.as_bytes(), None) {
        Err(CatalogueError::Rows(kept)) => kept.first,
        other => panic!("expected bad cells, got {other:?}"),
    }
}

#[test]
fn a_good_row_reads_in_any_column_order_with_or_without_bom() {
    let plain = parse(csv(&[GOOD]).as_bytes(), None).unwrap().procedures;
    assert_eq!(plain[0].limit.unwrap().to_string(), "05 ngày làm việc");
    assert_eq!(plain[0].components, ["Đơn", "Bản sao giấy tờ"]);
    let bom = parse(format!("\u{feff}{}", csv(&[GOOD])).as_bytes(), None).unwrap().procedures;
    assert_eq!(plain, bom);
    let turned = |line: &str| line.split(',').rev().collect::<Vec<_>>().join(",");
    let reversed = parse(format!("{}\r\n{}\r\n", turned(HEADER), turned(GOOD)).as_bytes(), None).unwrap().procedures;
    assert_eq!(plain, reversed);
    let semicolons = csv(&[GOOD]).replace("; Bản", "").replace(',', ";");
    assert_eq!(parse(semicolons.as_bytes(), None).unwrap().procedures[0].components, ["Đơn sao giấy tờ"]);
}

#[test]
fn cases_and_fees_are_columns_that_a_file_may_leave_out() {
    let header = format!("{HEADER},cases,fees");
    let row = |cases: &str, fees: &str| format!("{header}\n{GOOD},{cases},{fees}\n");
    let read = |text: &str| parse(text.as_bytes(), None).unwrap().procedures.remove(0);
    let full = read(&row("01 | Cấp mới | 5 | WORKING_DAY; 02 | Cấp lại", "Lệ phí | 135000; Phí | 50000 | return"));
    let limits: Vec<String> =
        ["01", "6.900001.02"].iter().map(|code| full.limit_of(full.case(code).unwrap()).unwrap().to_string()).collect();
    assert_eq!(limits, ["05 ngày làm việc", "05 ngày làm việc"]);
    assert_eq!(full.case("").unwrap_err(), CaseError::Required);
    assert_eq!(full.case("03").unwrap_err(), CaseError::Unknown);
    assert_eq!(full.case("6.900002.01").unwrap_err(), CaseError::Unknown);
    assert_eq!(full.fees.iter().map(|fee| fee.amount_vnd).sum::<i64>(), 185_000);

    // Without them a row is what it always was: no version is published for a new column.
    let bare = read(&csv(&[GOOD]));
    assert_eq!((bare.case("").unwrap(), row_hash(&read(&row("", "")))), (None, row_hash(&bare)));
    assert_eq!(bare.case("01").unwrap_err(), CaseError::Unknown);

    for (cases, fees, column) in [
        ("1|Cấp mới", "", "cases"),
        ("01|Cấp mới; 01|Cấp lại", "", "cases"),
        ("", "Lệ phí | -1", "fees"),
        ("", "Lệ phí | 1; Lệ phí | 2", "fees"),
    ] {
        assert_eq!(problems(&row(cases, fees))[0].column, column);
    }
    let counted = parse(csv(&[&GOOD.replace("Đơn", "Đơn [1 chinh]")]).as_bytes(), None).unwrap();
    assert!(counted.warnings.first[0].contains("Số bản trong ngoặc"));
}

#[test]
fn quoted_cells_may_span_lines_and_later_lines_keep_their_numbers() {
    let spanning = GOOD.replace("Thủ tục thử", "\"Thủ tục\nthử\"");
    let bad = GOOD.replace("6.900001", "9.1").replace("received", "nowhere");
    let found = problems(&csv(&[&spanning, "", &bad]));
    assert_eq!(found.iter().map(|p| (p.line, p.column.as_str())).collect::<Vec<_>>(), [(5, "code"), (5, "reception")]);
    let windows = problems(&csv(&[&spanning, "", &bad]).replace('\n', "\r\n"));
    assert_eq!(windows[0].line, 5);
    assert_eq!(parse(csv(&[&spanning]).as_bytes(), None).unwrap().procedures[0].name, "Thủ tục thử");
}

#[test]
fn each_bad_cell_is_named_with_its_remedy() {
    let table: &[(&str, &str, &str, &str, &str)] = &[
        ("6.900001", "2.00272", "code", "2.00272", "có thể là 2.002720"),
        ("6.900001", "7.123456", "code", "7.123456", "t.nnnnnn"),
        ("6.900001", "", "code", "", "Không được để trống"),
        ("Thủ tục thử", " ", "name", "", "Không được để trống"),
        ("Sở Thử", "", "department", "", "Không được để trống"),
        ("received", "somewhere", "reception", "somewhere", "received, planned hoặc at_agency"),
        ("5.0", "5.5", "time_qty", "5.5", "số nguyên dương"),
        ("5.0", "0", "time_qty", "0", "số nguyên dương"),
        ("5.0", "-3", "time_qty", "-3", "số nguyên dương"),
        ("5.0", "", "time_qty", "", "Có đơn vị nhưng thiếu số"),
        ("WORKING_DAY", "", "time_unit", "", "WORKING_DAY, DAY, HOUR hoặc MONTH"),
        ("WORKING_DAY", "NGÀY", "time_unit", "NGÀY", "WORKING_DAY, DAY, HOUR hoặc MONTH"),
        (",0,zero", ",-1,single", "fee_vnd", "-1", "không âm"),
        (",0,zero", ",10.5,single", "fee_vnd", "10.5", "nguyên"),
        (",0,zero", ",0,free", "fee_mode", "free", "unspecified"),
        (",0,zero", ",5000,zero", "fee_vnd", "5000", "fee_mode là zero"),
        ("False", "Không", "full_online", "Không", "True hoặc False"),
    ];
    for (from, to, column, value, remedy) in table {
        let found = problems(&csv(&[&GOOD.replacen(from, to, 1)]));
        assert_eq!(found.len(), 1, "{from} → {to}: {found:?}");
        let problem = &found[0];
        assert_eq!((problem.line, problem.column.as_str(), problem.value.as_str()), (2, *column, *value));
        assert!(problem.remedy.contains(remedy), "{problem}");
    }
    let dated = format!("{HEADER},start_date\n{},31/12/2026\n", GOOD.replace("received", "planned"));
    assert_eq!(problems(&dated)[0].column, "start_date");
    let long = GOOD.replace("Đơn", &"x".repeat(501));
    assert!(problems(&csv(&[&long]))[0].remedy.contains("500"));
    assert!(problems(&csv(&["6.900001,ngắn"]))[0].remedy.contains("Dòng có 2 ô"));
}

#[test]
fn duplicates_name_both_lines_and_all_problems_are_counted() {
    let found = problems(&csv(&[GOOD, &GOOD.replace("6.900001", "6.900002"), GOOD]));
    assert_eq!(found[0].line, 4);
    assert!(found[0].remedy.contains("dòng 2") && found[0].remedy.contains("dòng 4"));
    let bad = GOOD.replace("received", "x");
    let rows: Vec<String> = (0..250).map(|n| bad.replace("6.900001", &format!("6.{n:06}"))).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let Err(CatalogueError::Rows(kept)) = parse(csv(&rows).as_bytes(), None) else { panic!("must be refused") };
    assert_eq!((kept.first.len(), kept.total), (100, 250));
}

#[test]
fn columns_missing_are_errors_and_unknown_ones_warnings() {
    let missing = csv(&[GOOD]).replacen("reception", "nơi nhận", 1);
    let found = problems(&missing);
    assert_eq!((found.len(), found[0].column.as_str()), (1, "reception"));
    let more = format!("{HEADER},note\n{GOOD},ghi chú\n");
    let parsed = parse(more.as_bytes(), None).unwrap();
    assert_eq!(parsed.warnings.first, ["dòng 1, giá trị “note”: Cột lạ, được bỏ qua"]);
}

#[test]
fn an_empty_limit_warns_and_planned_rows_take_the_date_given() {
    let text = csv(&[
        &GOOD.replace("5.0,WORKING_DAY", ","),
        &GOOD.replace("6.900001", "6.900002").replace("received", "planned"),
    ]);
    let parsed = parse(text.as_bytes(), None).unwrap();
    assert_eq!(parsed.procedures[0].limit, None);
    assert_eq!(parsed.warnings.total, 2, "{:?}", parsed.warnings);
    assert!(parsed.warnings.first[0].starts_with("dòng 2, cột time_qty"));
    let day = jiff::civil::date(2027, 1, 4);
    let dated = parse(text.as_bytes(), Some(day)).unwrap();
    assert_eq!(dated.procedures[1].start_date, Some(day));
    assert_eq!(dated.procedures[0].start_date, None);
}

#[test]
fn files_that_are_no_catalogue_are_typed_errors() {
    let reason = |bytes: &[u8]| parse(bytes, None).unwrap_err().reason();
    assert_eq!(reason(b""), "CATALOGUE_EMPTY");
    assert_eq!(reason(HEADER.as_bytes()), "CATALOGUE_EMPTY");
    assert_eq!(reason(&[0xff, 0xfe, 0, 0xd8]), "CATALOGUE_NOT_UTF8");
    assert_eq!(reason(b"PK\x03\x04 not really"), "CATALOGUE_BAD_XLSX");
    assert_eq!(reason(&[0xd0, 0xcf, 0x11, 0xe0, 1]), "CATALOGUE_OLD_EXCEL");
    assert_eq!(reason(&vec![b'x'; FILE_BYTES_MAX + 1]), "CATALOGUE_TOO_LARGE");
    assert_eq!(reason("{\"json\":1}".as_bytes()), "CATALOGUE_INVALID");
}

#[test]
fn what_only_its_name_calls_a_table_is_told_for_what_it_is() {
    let told = |bytes: &[u8]| {
        let error = parse(bytes, None).unwrap_err();
        assert_eq!(error.reason(), "CATALOGUE_NOT_A_TABLE");
        error.to_string()
    };
    assert!(told(b"%PDF-1.7\n%\xe2\xe3").starts_with("Tệp là PDF, không phải bảng. Mở bằng Excel"));
    assert!(told(b"\x89PNG\r\n\x1a\n").contains("ảnh"));
    assert!(told(b"\xef\xbb\xbf\n<html><table>").contains("HTML"), "what some systems export as .xls");
    assert!(told(b"{\\rtf1").contains("RTF"));
    assert!(told(b"code,na\0me").contains("nhị phân"));
    // Vietnamese before Unicode: the line is the first with a letter of it.
    let old = [csv(&[GOOD]).as_bytes().split(|b| *b == b'\n').next().unwrap(), b"\n1.000001,Th\xfb t\xf4c"].concat();
    let old = parse(&old, None).unwrap_err().to_string();
    assert!(old.contains("dòng 2;") && old.contains("Windows-1258") && old.contains("CSV UTF-8"), "{old}");
}

#[test]
fn titles_above_the_heading_are_passed_over_and_lines_keep_their_numbers() {
    let plain = parse(csv(&[GOOD]).as_bytes(), None).unwrap().procedures;
    let semicolons = csv(&[&GOOD.replace("; ", " / ")]).replace(',', ";");
    for above in ["DANH MỤC THỦ TỤC\nKèm theo Quyết định số 1, ngày 2\n\n", "sep=;\n", "\"DANH MỤC\nnăm 2026\"\n"]
    {
        let read = parse(format!("{above}{semicolons}").as_bytes(), None).unwrap();
        assert_eq!((read.procedures.len(), &read.procedures[0].code), (1, &plain[0].code), "{above}");
        assert!(read.warnings.first[0].contains("phía trên được bỏ qua"), "{:?}", read.warnings);
    }
    let wrong = format!("DANH MỤC\n\n{}", csv(&[GOOD, GOOD]));
    assert_eq!(problems(&wrong)[0].line, 5);
    let unicode: Vec<u8> = csv(&[GOOD]).replace(',', "\t").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(parse(&[&[0xff, 0xfe], &unicode[..]].concat(), None).unwrap().procedures, plain, "Excel's Unicode Text");
    let big: Vec<u8> = csv(&[GOOD]).encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(parse(&[&[0xfe, 0xff], &big[..]].concat(), None).unwrap().procedures, plain);
    // Where no line has names of columns it is said once, with all of them.
    let none = problems("Mã,Tên,Cơ quan\n6.900001,Thử,Sở\n");
    assert_eq!((none.len(), none[0].line), (1, 1));
    assert!(none[0].remedy.contains("code, name, department") && none[0].remedy.contains("components"), "{}", none[0]);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = parse(&bytes, None);
        let mut zip = b"PK\x03\x04".to_vec();
        zip.extend(&bytes);
        let _ = parse(&zip, None);
    }

    #[test]
    fn no_cells_make_it_panic(rows in proptest::collection::vec(".{0,200}", 0..20)) {
        let _ = parse(format!("{HEADER}\n{}", rows.join("\n")).as_bytes(), None);
    }

    #[test]
    fn the_hash_ignores_the_order_of_rows(seed in 0usize..50) {
        let rows: Vec<String> = (0..50).map(|n| GOOD.replace("6.900001", &format!("6.{n:06}"))).collect();
        let mut turned: Vec<&str> = rows.iter().map(String::as_str).collect();
        let hash = |rows: &[&str]| {
            let all = parse(csv(rows).as_bytes(), None).unwrap().procedures;
            let hashes: Vec<_> = all.iter().map(|p| (p.code.clone(), row_hash(p))).collect();
            content_hash(hashes.iter().map(|(c, h)| (c.as_str(), h.as_str())))
        };
        let straight = hash(&turned);
        turned.rotate_left(seed);
        prop_assert_eq!(straight, hash(&turned));
    }
}
