//! Our line in the files of single services.

use std::path::Path;

use antiphon_core::visible::visible;

use super::{Plan, Towards};
use crate::changes::{self, Bytes, Changed};
use crate::doctor::{self, Edit, File, Folder, Host, OURS, Part, Service, why_unable};
use crate::failure::{Failure, Kind};

/// Where the administrator's files are, which take precedence over those of packages.
const FOLDER: &str = "/etc/pam.d";

/// What the files of the services called `names` are to be.
pub(super) fn plan(towards: Towards, names: &[String], host: &Host) -> Result<Plan, Failure> {
    if towards == Towards::On {
        module_is_there(host)?;
    }
    let mut plan = Plan {
        files: Vec::new(),
        folder: host.folder.clone(),
        services: Vec::new(),
        already: Vec::new(),
    };
    for name in names.iter().map(|name| name.to_ascii_lowercase()) {
        let services = doctor::services(&plan.folder);
        let service = service_called(&name, &services, &plan.folder)?;
        let edits = match towards {
            Towards::On if service.has_ours() => None,
            Towards::On => Some(to_ask(service, &services, &plan.folder)?),
            Towards::Off if !service.has_ours() => None,
            Towards::Off => Some(not_to_ask(service, &plan.folder)?),
        };
        let Some(edits) = edits else {
            plan.already.push(name);
            continue;
        };
        let (changed, file) = edited(&name, &plan.folder, &edits)?;
        plan.folder.files.insert(name.clone(), file);
        plan.files.push(changed);
        plan.services.push(name);
    }
    Ok(plan)
}

/// A line without its module refuses everybody.
pub(super) fn module_is_there(host: &Host) -> Result<(), Failure> {
    let module = format!("{OURS}.so");
    if host.folder.has(&module) {
        return Ok(());
    }
    let path = format!("{}/{module}", host.folder.modules_at);
    let fix = host.package.brings(Part::Module, &path);
    let what = format!("there is no {path}; nothing was changed, run: {fix}");
    Err(Failure::new(Kind::Config, what))
}

fn service_called<'s>(
    name: &str,
    services: &'s [Service],
    folder: &Folder,
) -> Result<&'s Service, Failure> {
    let shown = visible(name, 200);
    if let Some(why) = folder.unread.get(name) {
        return Err(Failure::new(Kind::Config, why));
    }
    if !folder.files.contains_key(name) || name.contains('/') {
        let what =
            format!("{shown}: there is no such file in {FOLDER}; ls {FOLDER} shows the services");
        return Err(Failure::new(Kind::NoInput, what));
    }
    services
        .iter()
        .find(|service| service.name == name)
        .ok_or_else(|| {
            let what = format!(
                "{shown} is no service: other files include it; name services, or use --all"
            );
            Failure::new(Kind::Data, what)
        })
}

fn to_ask(service: &Service, services: &[Service], folder: &Folder) -> Result<Vec<Edit>, Failure> {
    if let Some(why) = why_unable(&service.name) {
        let what = format!(
            "{} cannot ask: {why}; with the line people would be locked out there, and nothing was changed",
            service.name
        );
        return Err(Failure::new(Kind::Config, what));
    }
    doctor::on(service, services, folder).ok_or_else(|| {
        let what = format!(
            "{FOLDER}/{} has no auth line behind which ours could be written",
            service.name
        );
        Failure::new(Kind::Config, what)
    })
}

fn not_to_ask(service: &Service, folder: &Folder) -> Result<Vec<Edit>, Failure> {
    doctor::off(service, folder).map_err(|at| {
        let own = folder.files.get(&service.name);
        let what = if own.is_some_and(|own| own.path == at.file) {
            format!("{at}: the line spans several; take it out with an editor")
        } else {
            format!(
                "{at}: {} asks because of this line, and so does every service that includes that file; for all of them \
                 run: antiphon disable --all",
                service.name
            )
        };
        Failure::new(Kind::Config, what)
    })
}

/// The change of the file of service `name`, and how doctor sees the result.
fn edited(name: &str, folder: &Folder, edits: &[Edit]) -> Result<(Changed, File), Failure> {
    let gone = || {
        let what = format!(
            "{FOLDER}/{name}: was changed by somebody else in this moment; run the command again"
        );
        Failure::new(Kind::TryAgain, what)
    };
    let file = folder.files.get(name).ok_or_else(gone)?;
    let from = Path::new(&file.path);
    let bytes = changes::read(from)?.ok_or_else(gone)?;
    if String::from_utf8_lossy(&bytes.0) != file.text() {
        return Err(gone());
    }
    let after = Bytes::of_text(&Edit::apply(edits, &file.path, &bytes.text())).ok_or_else(gone)?;
    let path = Path::new(FOLDER).join(name);
    let shown = String::from_utf8_lossy(&after.0).into_owned();
    let seen = File::new(path.display().to_string(), shown);
    let changed = Changed {
        // A package's own file stays, and is read no more.
        before: (from == path).then_some(bytes),
        path,
        after: Some(after),
    };
    Ok((changed, seen))
}
