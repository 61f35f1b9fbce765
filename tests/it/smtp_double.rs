//! The mail server's double: what it refuses, counts and breaks is itself tested, in clear and word by word.
use motcua_tests::doubles::smtp::{Fault, Offers, SmtpDouble};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

/// "\0motcua\0mật-khẩu-thử"
const PLAIN: &str = "AUTH PLAIN AG1vdGN1YQBt4bqtdC1raOG6qXUtdGjhu60=";
const LETTER: &str = "From: a@b.vn\r\nTo: c@d.vn\r\nSubject: x\r\nDate: Mon, 23 Nov 2026 02:00:00 +0000\r\nMessage-ID: <1@b.vn>\r\n\
                      MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n\r\nhello\r\n..dot\r\n.";
const CLEAR: Offers = Offers { starttls: false, auth: true, size: 1_000 };

/// Says each line and gives the code of each last answering line; 0: no answer.
async fn talk(server: &SmtpDouble, lines: &[&str]) -> Vec<u16> {
    let mut stream = BufReader::new(TcpStream::connect(server.address()).await.unwrap());
    let mut codes = vec![answer(&mut stream).await];
    for line in lines {
        stream.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        codes.push(answer(&mut stream).await);
    }
    codes
}

async fn answer(stream: &mut BufReader<TcpStream>) -> u16 {
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return 0;
        }
        if line.as_bytes()[3] == b' ' {
            return line[..3].parse().unwrap();
        }
    }
}

#[tokio::test]
async fn nothing_is_taken_before_its_turn() {
    let server = SmtpDouble::start(CLEAR).await;
    let early =
        ["MAIL FROM:<a@b.vn>", "EHLO me", "MAIL FROM:<a@b.vn>", "AUTH PLAIN AAAA", PLAIN, "RCPT TO:<c@d.vn>", "DATA"];
    assert_eq!(talk(&server, &early).await, [220, 503, 250, 530, 535, 235, 503, 503]);
    let strict = SmtpDouble::start(Offers { starttls: true, ..CLEAR }).await;
    assert_eq!(talk(&strict, &["EHLO me", PLAIN, "MAIL FROM:<a@b.vn>"]).await, [220, 250, 530, 530]);
    assert_eq!((server.ledger().len(), server.refused().len(), strict.refused().len()), (0, 5, 2));
}

#[tokio::test]
async fn a_letter_is_kept_as_it_was_and_a_bad_one_is_not() {
    let server = SmtpDouble::start(CLEAR).await;
    let head = ["EHLO me", PLAIN, "MAIL FROM:<a@b.vn>", "RCPT TO:<c@d.vn>", "DATA"];
    let said = talk(&server, &[&head[..], &[LETTER, "QUIT"]].concat()).await;
    assert_eq!(said, [220, 250, 235, 250, 250, 354, 250, 221]);
    let sent = server.ledger().remove(0);
    assert_eq!((sent.from.as_str(), sent.to.as_str(), sent.header("message-id")), ("a@b.vn", "c@d.vn", "<1@b.vn>"));
    assert!(sent.raw.ends_with("hello\r\n.dot\r\n") && !sent.encrypted, "{sent:?}");
    let eight = LETTER.replace("hello", "xin chào");
    let twice = LETTER.replace("Subject", "From: x@y.vn\r\nSubject");
    let none = LETTER.replace("Auto-Submitted: auto-generated\r\n", "");
    let long = LETTER.replace("hello", &"hello\r\n".repeat(200));
    for (letter, code) in [(&eight, 554), (&twice, 554), (&none, 554), (&long, 552)] {
        assert_eq!(talk(&server, &[&head[..], &[letter]].concat()).await.pop(), Some(code));
    }
    let sized = ["EHLO me", PLAIN, "MAIL FROM:<a@b.vn> SIZE=1001", "MAIL FROM:<a>", "MAIL FROM:a@b.vn"];
    assert_eq!(talk(&server, &sized).await[3..], [552, 553, 501]);
    assert_eq!(server.ledger().len(), 1);
}

#[tokio::test]
async fn faults_come_one_a_talk_and_then_it_is_well() {
    let server = SmtpDouble::start(CLEAR).await;
    server.script([Fault::Say("RCPT", "451 4.7.1 greylisted"), Fault::DropAt("DATA"), Fault::TakeThenDrop]);
    let all = ["EHLO me", PLAIN, "MAIL FROM:<a@b.vn>", "RCPT TO:<c@d.vn>", "DATA", LETTER];
    assert_eq!(talk(&server, &all[..4]).await, [220, 250, 235, 250, 451]);
    assert_eq!(talk(&server, &all[..5]).await.pop(), Some(0));
    assert_eq!((talk(&server, &all).await.pop(), server.ledger().len()), (Some(0), 1));
    assert_eq!((talk(&server, &all).await.pop(), server.ledger().len(), server.talks()), (Some(250), 2, 4));
}
