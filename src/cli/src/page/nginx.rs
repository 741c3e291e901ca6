//! How nginx serves the page: the addresses and headers that antiphond has.

use std::fmt::Write as _;

use antiphon_core::config::Config;
use antiphon_page::headers::{ALWAYS, TRANSPORT_SECURITY, policy};

/// The configuration, with the files in the folder `root`.
pub(super) fn configuration(config: &Config, root: &str) -> String {
    let page = &config.page;
    let (page_policy, guide_policy) = (policy(&page.relays), antiphon_guide::policy());
    let (origin, host, language) = (&page.origin, page.host(), config.language.tag());
    format!(
        r#"# How nginx serves the page of {origin}. Written by antiphon page export, which writes it anew: copy it, for instance to
# /etc/nginx/conf.d/antiphon.conf, and set the certificate in the copy. Another web server needs the same addresses and headers.

map $uri $antiphon_policy {{
    default "{page_policy}";
    ~^/guide\. "{guide_policy}";
}}
# What a provider of accounts has added to an address is kept nowhere.
map $request_uri $antiphon_kept {{
    default "no-cache";
    ~^/account/ "no-store";
}}
map $uri $antiphon_varies {{
    default "";
    ~^/guide\. "accept-language";
}}
# The language that is asked for, or else the first that the browser likes.
map "$arg_language,$http_accept_language" $antiphon_language {{
    default {language};
    ~*^,*sv sv;
    ~*^,*en en;
}}

server {{
{listen}    server_name {host};
    server_tokens off;

    root {root};
    charset utf-8;
    gzip on;
    gzip_types text/css text/javascript application/javascript image/svg+xml;

    add_header content-security-policy $antiphon_policy always;
    add_header cache-control $antiphon_kept always;
    add_header vary $antiphon_varies always;
{headers}
    location / {{
        try_files $uri =404;
    }}
    location ~ ^/(enroll|a|a/[^/]+)?$ {{
        try_files /index.html =404;
    }}
    location ^~ /account/ {{
        access_log off;
        try_files /index.html =404;
    }}
    location = /guide {{
        try_files /guide.$antiphon_language.html =404;
    }}
    location = /manifest.webmanifest {{
        types {{ }}
        default_type application/manifest+json;
    }}
}}
"#,
        listen = listen(origin, host),
        headers = headers(origin),
    )
}

fn listen(origin: &str, host: &str) -> String {
    let (scheme, rest) = origin.split_once("://").unwrap_or(("https", origin));
    let port = rest.split_once(':').map(|(_, port)| port);
    if scheme == "http" {
        // Of this computer alone.
        return format!("    listen 127.0.0.1:{};\n", port.unwrap_or("80"));
    }
    let port = port.unwrap_or("443");
    format!(
        "    listen {port} ssl;\n    listen [::]:{port} ssl;\n    ssl_certificate /etc/ssl/certs/{host}.pem;\n    \
         ssl_certificate_key /etc/ssl/private/{host}.key;\n"
    )
}

fn headers(origin: &str) -> String {
    let is_https = origin.starts_with("https://");
    let secure = is_https.then_some(("strict-transport-security", TRANSPORT_SECURITY));
    let mut lines = String::new();
    for (name, value) in ALWAYS.into_iter().chain(secure) {
        let _ = writeln!(lines, "    add_header {name} \"{value}\" always;");
    }
    lines
}
