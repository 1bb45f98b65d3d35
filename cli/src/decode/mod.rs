//! Reading FIX and OUCH for people.
