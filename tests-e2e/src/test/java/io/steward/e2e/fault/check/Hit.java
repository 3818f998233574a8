package io.steward.e2e.fault.check;

import java.time.Instant;

/// When a process was away. For a killed one `until` is when it was certainly dead.
///
/// @param endsCalls whether running tool calls may have died with it
public record Hit(String victim, boolean endsCalls, Instant from, Instant until) {}
