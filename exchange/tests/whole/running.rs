//! A venue that runs in a thread of its own, on ports of loopback that the kernel chose.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use gwanmun_exchange::plan::{Plan, User};
use gwanmun_exchange::{Event, Exchange, Operator, Summary};
use gwanmun_market::{Phase, Text};

use crate::script::setup;

pub(crate) fn plan() -> Plan {
    let user = |name: &[u8]| User {
        name: Text::new(name).unwrap(),
        password: Text::new(b"secret").unwrap(),
    };
    Plan {
        order_listen: ([127, 0, 0, 1], 0).into(),
        feed_listen: ([127, 0, 0, 1], 0).into(),
        session: *b"KRX       ",
        trading_day: "2026-11-23".to_owned(),
        users: vec![user(b"ONE"), user(b"TWO")],
        setup: setup(Phase::Continuous),
        drop_order_line_after: Vec::new(),
        ledger: None,
        day_log: None,
        feed_heartbeat_ns: 20_000_000,
        fix: None,
    }
}

#[derive(Clone, Default)]
pub(crate) struct Told(Arc<Mutex<Vec<String>>>);

impl Operator for Told {
    fn tell(&mut self, time_ns: u64, event: &Event<'_>) {
        assert!(time_ns > 0);
        let end = match event {
            Event::Ended { end, .. } => format!(" {end}"),
            _ => String::new(),
        };
        self.0
            .lock()
            .unwrap()
            .push(format!("{}{end}", event.name()));
    }
}

/// A venue that runs in a thread of its own until it is stopped.
pub(crate) struct Running {
    pub(crate) orders: SocketAddr,
    pub(crate) feed: SocketAddr,
    pub(crate) fix: Option<SocketAddr>,
    stop: Arc<AtomicBool>,
    told: Told,
    thread: JoinHandle<Summary>,
}

impl Running {
    pub(crate) fn start(plan: &Plan) -> Running {
        let told = Told::default();
        let mut operator = told.clone();
        let exchange = Exchange::start(plan, &mut operator).unwrap();
        let (orders, feed) = (
            exchange.order_address().unwrap(),
            exchange.feed_address().unwrap(),
        );
        let fix = exchange.fix_address();
        let stop = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            exchange
                .run(&|| flag.load(Ordering::Relaxed), &mut operator)
                .unwrap()
        });
        Running {
            orders,
            feed,
            fix,
            stop,
            told,
            thread,
        }
    }

    pub(crate) fn stop(self) -> (Summary, Vec<String>) {
        self.stop.store(true, Ordering::Relaxed);
        let summary = self.thread.join().unwrap();
        let told = self.told.0.lock().unwrap().clone();
        (summary, told)
    }
}
