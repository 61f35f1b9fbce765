use axum::extract::State;
use maud::{Markup, html};
use motcua_ui::icon;

use super::device;
use super::view::{self, AreaView, CentreView};
use crate::app::App;
use crate::identity::Method;
use crate::lang::Locale;
use crate::paper::date;

/// A sentence in Vietnamese that the page's module can put into another language.
fn t(key: &'static str) -> Markup {
    html! { span data-t=(key) { (Locale::Vi.text(key)) } }
}

pub(super) async fn home(State(app): State<App>) -> Markup {
    let centre = view::centre(&app);
    let more = html! {
        link rel="stylesheet" href="/assets/kiosk/touch.css";
        script type="module" src="/assets/kiosk/touch.js" {}
        (device::head(&app))
    };
    let body = html! {
        div #kiosk data-mm=[app.settings.px_per_mm] data-version=(version(&centre)) data-demo=[centre.demo_hint.as_deref()] {
            p #simulated .ribbon role="status" hidden[!centre.opening.simulated] { (icon::clock()) (t("simulated")) }
            header.bar {
                p.centre { (centre.name) }
                p #near .near hidden[!centre.printer.near_end] { (icon::printer()) (t("paper.near")) }
                p.now { span #clock { (app.local().strftime("%H:%M").to_string()) } span #date { (date(&app.local())) } }
            }
            div.banners role="status" aria-live="polite" {
                p #offline .banner.bad hidden { (icon::offline()) span { (t("offline")) " " (t("offline.ask")) } }
                p #alone .banner hidden { (icon::offline()) (t("offline.gives")) }
                p #alone-none .banner.bad hidden { (icon::offline()) (t("offline.none")) }
                p #paper .banner hidden[centre.printer.ready] { (icon::printer()) (t("paper.notice")) }
                div #closed .banner hidden[centre.opening.open] {
                    (icon::clock())
                    p {
                        strong { (t("closed")) } " · " span #opening { (centre.opening.text) } span.look { " · " (t("closed.look")) }
                        @if let Some(hint) = &centre.demo_hint { br; (t("closed.demo")) " " code { (hint) } }
                    }
                }
            }
            section.hall aria-labelledby="calls-title" {
                h2 #calls-title { (t("calls")) }
                ol #calls {}
                p.none { (t("board.none")) }
                p.notice { (t("notice")) }
            }
            main { (screens(&app, &centre)) }
            footer { (footer()) (device::button(&app)) }
            (templates())
            (idle())
            (device::dialog(&app))
        }
    };
    motcua_ui::page(&centre.name, "vi", more, body)
}

/// Moves when the page must be built anew: areas or classes are others.
fn version(centre: &CentreView) -> String {
    let areas = centre.areas.iter().map(|area| format!("{}{}", area.area.letter, area.area.id));
    let classes = centre.priorities.iter().map(|class| class.id.clone());
    areas.chain(classes).collect::<Vec<_>>().join(",")
}

fn screens(app: &App, centre: &CentreView) -> Markup {
    html! {
        section #home data-at="home" {
            h1 { (t("home")) }
            button.find type="button" data-go="search" { (icon::search()) (t("search.hint")) }
            @if centre.areas.is_empty() { p.loading role="status" { (t("loading")) } }
            p #home-scan .scan-hint { (icon::scan()) (t("scan.hint")) }
            nav.tiles aria-label=(Locale::Vi.text("areas")) { @for area in &centre.areas { (tile(area)) } }
        }
        section #search hidden {
            h1.visually-hidden { (t("search.title")) }
            div.line {
                (back())
                label.field { (icon::search()) span.visually-hidden { (t("search.title")) }
                    input #query type="text" inputmode="none" autocomplete="off" spellcheck="false" maxlength="80"
                        placeholder=(Locale::Vi.text("search.hint")) data-t-placeholder="search.hint"; }
            }
            p #search-note .note role="status" { (t("search.start")) }
            button #search-guidance .wide data-guidance hidden { (icon::help()) (t("guidance.take")) }
            div.listing { ul #found .rows data-paged {} (pager()) }
            div #keypad .keypad aria-hidden="true" {}
        }
        section #tasks hidden {
            div.line { (back()) div.heading { span.letter {} h1 #tasks-title {} } }
            p #tasks-note .note role="status" {}
            div.listing { ul #task-list .rows data-paged {} (pager()) }
            button #tasks-any .wide type="button" { (icon::people()) (t("area.any")) }
        }
        (confirm(app, centre))
        section #elsewhere hidden {
            h1 #elsewhere-title {}
            p #elsewhere-name .name {}
            dl.facts {
                div #elsewhere-office { dt { (t("elsewhere.where")) } dd {} }
                div #elsewhere-address { dt { (t("way.address")) } dd {} }
                div #elsewhere-hours { dt { (t("elsewhere.hours")) } dd {} }
                div #elsewhere-from { dt { (t("elsewhere.from")) } dd {} }
            }
            p #elsewhere-ask .note { (t("elsewhere.ask")) }
            p #elsewhere-printed .note role="status" {}
            div.acts { (back()) button.quiet type="button" #elsewhere-print { (icon::printer()) (t("way.print")) } button.main type="button" data-guidance { (icon::help()) (t("guidance.take")) } }
        }
        section #scan hidden {
            div.told role="status" {
                h1 { (icon::scan()) span #scan-title {} }
                p #scan-code .note {}
                p #scan-text .name {}
                p #scan-said .note lang="vi" {}
            }
            div.acts {
                button.quiet type="button" #scan-home { (icon::house()) (t("scan.choose")) }
                button.main type="button" #scan-take { span #scan-take-text {} (icon::arrow()) }
            }
        }
        section #done hidden {
            h1.visually-hidden { (t("slip.number")) }
            p.steps { span #done-paper { (t("done.paper")) } " " span #done-area {} }
            div #done-bad .banner.bad hidden { (icon::printer()) p #done-why {} }
            div.given {
                p #number .number aria-live="assertive" {}
                figure #done-code hidden { img #code alt=""; figcaption { (t("qr")) } }
                span #slot .slot { (icon::arrow_down()) }
            }
            p.where { span #done-name {} }
            p #done-wait .wait {}
            ul #done-visit hidden {}
            p #done-left .banner hidden {}
            div.acts {
                button.quiet type="button" #again { (t("more")) }
                button.quiet type="button" #reprint hidden { (icon::printer()) (t("reprint")) }
                button.quiet type="button" #finish { (t("done")) }
            }
            p #done-home .note {}
        }
        section #failed hidden {
            h1 { (t("error")) }
            div.banner.bad { (icon::warning()) p #failed-why {} }
            p #failed-ask .note { (t("error.ask")) }
            div.acts { (back()) button.quiet #failed-guidance type="button" data-guidance { (icon::help()) (t("guidance.take")) } button.main #retry type="button" { (icon::undo()) (t("retry")) } }
        }
    }
}

fn tile(view: &AreaView) -> Markup {
    let area = &view.area;
    html! {
        button.tile type="button" data-area=(area.id) {
            span.letter data-colour=(area.colour) { (area.letter) }
            span.text { span.name { (area.name) } span.wait data-wait=(area.id) {} }
        }
    }
}

/// "chip vneid": how a person can prove here who they are.
fn methods(app: &App) -> String {
    let offered = [(Method::Chip, "chip"), (Method::Vneid, "vneid")].into_iter();
    offered.filter(|(method, _)| app.identity.offers(*method)).map(|(_, name)| name).collect::<Vec<_>>().join(" ")
}

fn confirm(app: &App, centre: &CentreView) -> Markup {
    html! {
        section #confirm hidden {
            h1 #confirm-name {}
            p #visit-order .note hidden { (t("visit.order")) }
            p #visit-alone .banner hidden { (icon::offline()) (t("visit.alone")) }
            div.pair {
                div.listing {
                    div #bring .bring data-paged tabindex="0" role="region" aria-labelledby="bring-title" {
                        h2 #bring-title { (icon::document()) (t("confirm.bring")) }
                        ul #papers {}
                        p #papers-none .note { (t("confirm.bring.none")) }
                        p #papers-printed .note role="status" {}
                    }
                    (pager())
                }
                div.side {
                    div.card { h2 { (t("confirm.wait")) } p.where { span.letter {} span #confirm-area {} } p #confirm-wait .wait {} }
                    dl #confirm-facts .facts {
                        div #confirm-limit { dt { (t("confirm.limit")) } dd {} }
                        div #confirm-fee { dt { (t("confirm.fee")) } dd {} }
                    }
                }
            }
            div.two {
                button #priority-row .wide type="button" hidden[centre.priorities.is_empty()] aria-expanded="false" {
                    span.box { (icon::check()) } span #priority-text { (Locale::Vi.text("priority")) }
                }
                button #identity-row .wide type="button" hidden[!app.identity.is_offered()] aria-pressed="false" {
                    span.box { (icon::check()) } span #identity-row-text { (Locale::Vi.text("identity")) }
                }
                button #visit-add .wide type="button" hidden { (icon::document()) (t("visit.add")) }
            }
            div.acts { (back()) button.quiet type="button" #papers-print { (icon::printer()) (t("papers.print")) } button.main #take type="button" { span #take-text { (Locale::Vi.text("take")) } (icon::arrow()) } }
        }
        section #identity hidden data-methods=(methods(app)) {
            h1 { (t("identity")) }
            p.note { (t("identity.optional")) }
            div.told role="status" { p #identity-text .name {} }
            div.acts { (back()) button.main type="button" #identity-again hidden { (icon::undo()) (t("identity.again")) } }
        }
        section #priority hidden {
            h1 { (t("priority")) }
            p.note { (t("priority.check")) }
            div.choices {
                @for class in &centre.priorities { button type="button" data-class=(class.id) { (class.name) } }
                button type="button" data-class="" { (t("priority.none")) }
            }
            div.acts { (back()) }
        }
    }
}

fn back() -> Markup {
    html! { button.back type="button" data-back { (icon::back()) (t("back")) } }
}

fn pager() -> Markup {
    html! {
        div.pager {
            button type="button" data-page="-1" { (icon::arrow_up()) span.visually-hidden { (t("previous")) } }
            button type="button" data-page="1" { (icon::arrow_down()) span.visually-hidden { (t("next")) } }
        }
    }
}

fn footer() -> Markup {
    html! {
        @for locale in Locale::ALL {
            button type="button" lang=(locale.code()) data-lang=(locale.code()) aria-pressed=(if locale == Locale::Vi { "true" } else { "false" }) {
                (locale.text("language"))
            }
        }
        button #big type="button" aria-pressed="false" { span.aa aria-hidden="true" { "A" b { "A" } } (t("big")) }
        button #start type="button" hidden { (icon::house()) (t("start")) }
    }
}

fn templates() -> Markup {
    html! {
        template #row {
            li { button type="button" { span.letter {} span.text { span.name {} span.badge hidden {} } (icon::arrow()) } }
        }
        template #visit-row { li.of { span.letter {} span.name {} button type="button" { (icon::close()) span.visually-hidden { (t("visit.remove")) } } } }
        template #paper-row { li { (icon::check()) span.name {} span.count {} } }
        template #call-row { li { b.ticket {} (icon::arrow()) span.goal { (t("counter")) " " b.counter {} } } }
    }
}

fn idle() -> Markup {
    html! {
        dialog #idle {
            h2 { (t("idle.title")) }
            p #idle-text {}
            div.acts { button.main type="button" #idle-more { (t("idle.more")) } button.quiet type="button" #idle-start { (t("start")) } }
        }
    }
}
