//! The hermetic surroundings of the system tests.
