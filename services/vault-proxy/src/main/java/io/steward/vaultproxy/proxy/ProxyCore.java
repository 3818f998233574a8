package io.steward.vaultproxy.proxy;

import io.steward.vaultproxy.admission.Admissions;
import io.steward.vaultproxy.admission.ProxyLimits;
import java.util.concurrent.Executor;

/// What all connections share.
///
/// @param waiting where decisions are made, which may wait
record ProxyCore(
    Admissions admissions,
    Decider decider,
    Upstreams upstreams,
    Refusals refusals,
    ProxyObserver observer,
    ProxyLimits limits,
    SigningRoom signingRoom,
    ProxySpans spans,
    Executor waiting) {}
