//! Icons as inline SVG: 24 × 24, plain strokes in the text's colour, hidden from screen readers because a word stands
//! beside each of them. Sized by the class `icon`.

use maud::{Markup, PreEscaped, html};

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $shapes:literal;)*) => {
        $($(#[$doc])* #[must_use] pub fn $name() -> Markup { draw($shapes) })*
        /// Every icon with its name, for a sample sheet or a test.
        #[must_use]
        pub fn all() -> Vec<(&'static str, Markup)> { vec![$((stringify!($name), $name())),*] }
    };
}

icons! {
    /// Call the next person: a speaking figure.
    call_person = r#"<circle cx="9" cy="8" r="4"/><path d="M2 21v-1a7 7 0 0 1 14 0v1"/><path d="M17 5a4.5 4.5 0 0 1 0 6"/><path d="M19.5 2.5a8 8 0 0 1 0 11"/>"#;
    /// One person.
    person = r#"<circle cx="12" cy="8" r="4"/><path d="M5 21v-1a7 7 0 0 1 14 0v1"/>"#;
    /// People waiting.
    people = r#"<circle cx="9" cy="8" r="4"/><path d="M2 21v-1a7 7 0 0 1 14 0v1"/><path d="M16 4.3a4 4 0 0 1 0 7.4"/><path d="M19 14.5a7 7 0 0 1 3 5.5v1"/>"#;
    /// Printer.
    printer = r#"<path d="M7 8V3h10v5"/><rect x="3" y="8" width="18" height="9" rx="2"/><path d="M7 14h10v7H7z"/>"#;
    /// Search.
    search = r#"<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5.5 5.5"/>"#;
    /// Arrow to the right.
    arrow = r#"<path d="M4 12h16"/><path d="m13 5 7 7-7 7"/>"#;
    /// Arrow down, towards the paper slot.
    arrow_down = r#"<path d="M12 4v16"/><path d="m5 13 7 7 7-7"/>"#;
    /// Arrow up.
    arrow_up = r#"<path d="M12 20V4"/><path d="m5 11 7-7 7 7"/>"#;
    /// Back.
    back = r#"<path d="M20 12H4"/><path d="m11 5-7 7 7 7"/>"#;
    /// Done, correct.
    check = r#"<path d="m4 12.5 5.5 5.5L20 7"/>"#;
    /// Close, remove.
    close = r#"<path d="M5 5l14 14"/><path d="M19 5 5 19"/>"#;
    /// Time, waiting.
    clock = r#"<circle cx="12" cy="12" r="9"/><path d="M12 7v5.5l3.5 2"/>"#;
    /// A paper, a dossier.
    document = r#"<path d="M6 2.5h8.5L19 7v14.5H6z"/><path d="M14 2.5V7.5h5"/><path d="M9.5 12h6"/><path d="M9.5 16h6"/>"#;
    /// Telephone.
    phone = r#"<path d="M5 3h4l1.5 5-2.3 1.6a12 12 0 0 0 6.2 6.2L16 13.5l5 1.5v4a2 2 0 0 1-2.2 2A17 17 0 0 1 3 5.2 2 2 0 0 1 5 3z"/>"#;
    /// Warning.
    warning = r#"<path d="M12 3 1.8 20.500h20.400z"/><path d="M12 10v4.5"/><path d="M12 17.500v.01"/>"#;
    /// Help, guidance.
    help = r#"<circle cx="12" cy="12" r="9"/><path d="M9.2 9.300a2.9 2.9 0 1 1 4.3 2.500c-1 .6-1.5 1.1-1.5 2.2"/><path d="M12 17.200v.01"/>"#;
    /// Scan a code or a card.
    scan = r#"<path d="M3 8V4a1 1 0 0 1 1-1h4"/><path d="M16 3h4a1 1 0 0 1 1 1v4"/><path d="M21 16v4a1 1 0 0 1-1 1h-4"/><path d="M8 21H4a1 1 0 0 1-1-1v-4"/><path d="M6 12h12"/>"#;
    /// A result to collect.
    inbox = r#"<path d="M3 13 6 4h12l3 9v7H3z"/><path d="M3 13h5.500l1.5 3h4l1.5-3H21"/>"#;
    /// Land and housing.
    house = r#"<path d="M3 11.5 12 4l9 7.5"/><path d="M5.5 9.800V20h13V9.8"/><path d="M10 20v-6h4v6"/>"#;
    /// Business registration.
    shop = r#"<path d="M4 4h16l1.5 6H2.500z"/><path d="M4.5 10v10h15V10"/><path d="M9.5 20v-6h5v6"/>"#;
    /// Insurance, allowances.
    heart = r#"<path d="M12 20.5 4 12.300a5 5 0 0 1 8-6 5 5 0 0 1 8 6z"/>"#;
    /// Settings of a thing.
    sliders = r#"<path d="M4 7h9"/><path d="M19 7h1"/><circle cx="16" cy="7" r="2.5"/><path d="M4 17h1"/><path d="M11 17h9"/><circle cx="8" cy="17" r="2.5"/>"#;
    /// Pause.
    pause = r#"<path d="M8 5v14"/><path d="M16 5v14"/>"#;
    /// Undo.
    undo = r#"<path d="M8 4 3.5 8.5 8 13"/><path d="M4 8.500h10a6 6 0 0 1 0 12h-4"/>"#;
    /// Voice, recall.
    speaker = r#"<path d="M3 9.500v5h4l5 4.500V5L7 9.500z"/><path d="M16 8.500a5 5 0 0 1 0 7"/><path d="M18.8 5.700a9 9 0 0 1 0 12.6"/>"#;
    /// Speaker blocked.
    speaker_off = r#"<path d="M3 9.500v5h4l5 4.500V5L7 9.500z"/><path d="m16 9.5 5 5"/><path d="m21 9.5-5 5"/>"#;
    /// Offline.
    offline = r#"<path d="M5 12.500a10 10 0 0 1 4-2.3"/><path d="M15 10.200a10 10 0 0 1 4 2.3"/><path d="M8.5 16a5 5 0 0 1 7 0"/><path d="M12 19.500v.01"/><path d="m3 3 18 18"/>"#;
    /// Transfer to another counter.
    transfer = r#"<path d="M4 8h14"/><path d="m14 4 4 4-4 4"/><path d="M20 16H6"/><path d="m10 12-4 4 4 4"/>"#;
    /// Person absent.
    absent = r#"<circle cx="9" cy="8" r="4"/><path d="M2 21v-1a7 7 0 0 1 14 0v1"/><path d="m17.5 7 5 5"/><path d="m22.5 7-5 5"/>"#;
}

fn draw(shapes: &'static str) -> Markup {
    html! {
        svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false" { (PreEscaped(shapes)) }
    }
}
