package io.steward.vaultproxy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.steward.vaultproxy.admission.RunningSandboxes;
import io.steward.vaultproxy.policy.Refusal;
import io.steward.vaultproxy.proxy.EgressProxy;
import io.steward.vaultproxy.proxy.ProxyObserver;
import io.steward.vaultproxy.topic.SandboxTail;
import jakarta.inject.Singleton;
import java.util.EnumMap;
import java.util.Map;

/// What the egress proxy shows at `/q/metrics`. No tag names a session, a host or a credential.
@Singleton
class EgressMetrics implements ProxyObserver {
  private static final String PREFIX = "steward.vault.proxy.egress.";

  private final MeterRegistry registry;
  private final Map<Refusal.Reason, Counter> refusals = new EnumMap<>(Refusal.Reason.class);
  private final Counter uses;

  EgressMetrics(MeterRegistry registry) {
    this.registry = registry;
    for (Refusal.Reason reason : Refusal.Reason.values()) {
      refusals.put(
          reason,
          Counter.builder(PREFIX + "refusals")
              .description("What was not let out of a sandbox, or did not come back")
              .tag("reason", reason.tag())
              .register(registry));
    }
    uses =
        Counter.builder(PREFIX + "secrets.used")
            .description("Credentials in requests that left")
            .register(registry);
  }

  void show(EgressProxy proxy, RunningSandboxes sandboxes, SandboxTail tail) {
    Gauge.builder(PREFIX + "connections", proxy, EgressProxy::connections)
        .description("Open connections of sandboxes")
        .register(registry);
    Gauge.builder(PREFIX + "sandboxes", sandboxes, RunningSandboxes::size)
        .description("Sandboxes that may use the egress proxy")
        .register(registry);
    FunctionCounter.builder(PREFIX + "records.ignored", tail, SandboxTail::ignored)
        .description("Records of sandbox-events that nobody could read")
        .register(registry);
  }

  @Override
  public void refused(Refusal.Reason reason) {
    Counter counter = refusals.get(reason);
    if (counter != null) {
      counter.increment();
    }
  }

  @Override
  public void used(CredentialUse use) {
    uses.increment();
  }
}
