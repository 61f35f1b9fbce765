use super::*;

fn pairs(query: &[(&str, &str)]) -> Pairs {
    query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn full() -> Narrow {
    Narrow {
        code: "0012".into(),
        state: 4,
        overdue: true,
        mine: true,
        department: "Sở Tư pháp".into(),
        holder: "Bộ phận Một cửa".into(),
        person: Person::Of("lan".into()),
        scope: DossierScope::Paused,
        procedure: "1.004194".into(),
        happening: Happening::Finished,
        days: days("2026-11-01", "2026-11-30").ok(),
        hour: Some(8),
        ended: Punctuality::Late,
        score: 2,
    }
}

#[test]
fn an_address_reads_back_as_it_was_written() {
    for narrow in [Narrow::default(), full(), Narrow { person: Person::Nobody, ..full() }] {
        let query = narrow.query("a=b");
        let decoded = query.trim_start_matches('?').split('&').map(|pair| pair.split_once('=').unwrap());
        let decoded: Pairs = decoded.map(|(name, value)| (name.to_owned(), plain(value))).collect();
        assert_eq!(decoded.last().unwrap(), &("page".to_owned(), "a=b".to_owned()));
        assert_eq!(Narrow::read(&decoded), (narrow, vec![]));
    }
    assert_eq!(Narrow::default().query(""), "");
}

fn plain(value: &str) -> String {
    let mut bytes = vec![];
    let mut left = value.as_bytes();
    while let Some((first, rest)) = left.split_first() {
        let encoded = (*first == b'%').then(|| &rest[..2]);
        bytes.push(encoded.map_or(*first, |hex| u8::from_str_radix(str::from_utf8(hex).unwrap(), 16).unwrap()));
        left = if encoded.is_some() { &rest[2..] } else { rest };
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn what_cannot_be_understood_is_named_and_left_out() {
    assert_eq!(Narrow::read(&pairs(&[("state", ""), ("first", ""), ("last", "")])), (Narrow::default(), vec![]));
    let (narrow, wrong) = Narrow::read(&pairs(&[
        ("state", "abc"),
        ("scope", "x"),
        ("hour", "24"),
        ("first", "2026-11-30"),
        ("last", "2026-11-01"),
        ("ended", "?"),
        ("happening", "nie"),
        ("score", "6"),
        ("code", "12"),
    ]));
    assert_eq!(narrow, Narrow { code: "12".into(), ..Narrow::default() });
    assert_eq!(wrong.len(), 7);
    assert_eq!(wrong[0], "Không có tình trạng “abc”; đang hiện mọi tình trạng.");
    let (narrow, wrong) = Narrow::read(&pairs(&[("state", "1"), ("state", "9")]));
    assert_eq!((narrow.state, wrong.len()), (9, 0), "as last said");
    assert_eq!(Narrow::read(&pairs(&[("state", "11")])).0.state, 0);
}

#[test]
fn mine_is_what_i_signed_for_and_is_not_ended() {
    let mine = Narrow { mine: true, ..Narrow::default() }.request("c", "lan", 50, String::new());
    assert_eq!((mine.holder_person.as_deref(), mine.scope()), (Some("lan"), DossierScope::Open));
    let unsigned = Narrow { person: Person::Nobody, ..Narrow::default() }.request("c", "lan", 50, String::new());
    assert_eq!((unsigned.holder_person.as_deref(), unsigned.scope()), (Some(""), DossierScope::Unspecified));
    assert_eq!(Narrow::default().request("c", "lan", 50, String::new()).holder_person, None);
}

#[test]
fn what_the_form_does_not_show_is_said_and_can_be_dropped() {
    let said = full().beyond_the_form();
    let words: Vec<_> = said.iter().map(|(words, _)| words.as_str()).collect();
    assert_eq!(
        words,
        [
            "Đang giữ: Bộ phận Một cửa",
            "Người giữ: lan",
            "Thủ tục 1.004194",
            "Giải quyết xong từ 01/11/2026 đến 30/11/2026",
            "Nhận lúc 08:00–08:59",
            "Kết quả: quá hạn",
            "Đánh giá 2/5"
        ]
    );
    assert!(said.iter().all(|(_, without)| without.beyond_the_form().len() == 6));
    assert_eq!(full().hidden().len(), 9);
    assert!(Narrow::default().hidden().is_empty());
}
