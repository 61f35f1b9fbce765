//! What every screen and every form of Một Cửa looks like: fonts, colours, icons, the head of a page and the
//! security headers around it. A leaf: it knows nothing of the centre.

mod assets;
mod headers;
pub mod icon;
mod page;

pub use assets::{CSS_PATH, FAVICON_PATH, routes, ttf, ttf_italic};
pub use headers::{CONTENT_SECURITY_POLICY, security_headers};
pub use page::{head, head_with, page};
