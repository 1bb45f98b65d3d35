//! Empty room: its first code arrives with its issue step.
