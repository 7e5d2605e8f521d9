//! `spike`: random arrivals with one rise to a peak and back.

use super::Arrivals;
use super::curve::Curve;
use crate::engine::Time;
use crate::model::catalog::{Args, Default, Entry, Kind, Param};

/// See its text.
pub static ENTRY: Entry<dyn Arrivals> = Entry {
    name: "spike",
    summary: "Random arrivals at a base rate, with one rise to a peak and back.",
    doc: "What it does. A Poisson process at the base rate. At the given moment it climbs to the \
peak in a straight line for the length of the ramp, stays there, and comes down again over another \
ramp. Without a ramp it jumps both ways.\n\n\
When it helps. The classic question: how much lag does a burst leave behind, and how long does it \
take to work it off? The backlog is about (peak - capacity) times the length of the peak, and goes \
at (capacity - base).\n\n\
When it hurts. One spike shows the recovery of one spike; a second one may arrive before the first \
is worked off. For that use `profile` or `bursts`.\n\n\
Seen in. Push notifications, ticket sales, a partner's nightly batch, the return of a failed \
upstream.",
    params: &[
        Param {
            name: "base",
            kind: Kind::Rate,
            default: Default::Required,
            doc: "Events per second outside the spike.",
        },
        Param {
            name: "peak",
            kind: Kind::Rate,
            default: Default::Required,
            doc: "Events per second at the top.",
        },
        Param { name: "at", kind: Kind::Span, default: Default::Required, doc: "When the rise begins." },
        Param {
            name: "for",
            kind: Kind::Span,
            default: Default::Required,
            doc: "How long the peak lasts, without the ramps.",
        },
        Param {
            name: "ramp",
            kind: Kind::Span,
            default: Default::Is("0s"),
            doc: "How long the way up takes, and again the way down; none, the harshest case.",
        },
    ],
    build: |args| Box::new(Curve::new(&points(args))),
};

fn points(args: &Args) -> [(Time, f64); 4] {
    let (base, peak, ramp) = (args.number("base"), args.number("peak"), args.span("ramp"));
    let rise = Time::ZERO + args.span("at");
    let top = rise + ramp;
    let fall = top + args.span("for");
    let back = fall + ramp;
    [(rise, base), (top, peak), (fall, peak), (back, base)]
}
