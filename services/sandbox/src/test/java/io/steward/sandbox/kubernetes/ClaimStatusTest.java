package io.steward.sandbox.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClaimStatusTest {
  private static ClaimStatus status(Map<String, Object> status) {
    GenericKubernetesResource claim = new GenericKubernetesResource();
    claim.setAdditionalProperty("status", status);
    return ClaimStatus.of(claim);
  }

  private static Map<String, Object> notReady(String reason, String message) {
    return Map.of("type", "Ready", "status", "False", "reason", reason, "message", message);
  }

  private static Optional<PodTrouble> trouble(String reason, String message) {
    return status(Map.of("conditions", List.of(notReady(reason, message)))).trouble();
  }

  @Test
  void a_claim_nobody_looked_at_says_nothing() {
    ClaimStatus status = ClaimStatus.of(new GenericKubernetesResource());

    assertFalse(status.isDecided());
    assertEquals("controller", status.late("90 s").cause());
    assertTrue(status.late("90 s").lasting());
  }

  @Test
  void the_sandbox_is_known_before_it_is_ready() {
    ClaimStatus status =
        status(
            Map.of(
                "sandbox",
                Map.of("name", "pool-1"),
                "conditions",
                List.of(notReady("DependenciesNotReady", "Pod exists with phase: Pending"))));

    assertEquals(Optional.of("pool-1"), status.sandbox());
    assertEquals(Optional.empty(), status.trouble());
    assertFalse(status.ended());
    assertEquals(
        "The pod of the sandbox was not ready within 90 s; agent-sandbox says:"
            + " DependenciesNotReady: Pod exists with phase: Pending",
        status.late("90 s").sentence());
    assertFalse(status.late("90 s").lasting());
  }

  @ParameterizedTest
  @CsvSource({
    "ReconcilerError, pods \"a\" is forbidden: exceeded quota: q, quota, true",
    "ReconcilerError, pods \"a\" is forbidden: violates PodSecurity, forbidden, true",
    "ReconcilerError, Pod \"a\" is invalid: spec.containers, invalid, true",
    "InvalidMetadata, label domain is not in the allowlist, invalid, true",
    "WarmPoolNotFound, SandboxWarmPool \"p\" not found, missing, false",
    "TemplateNotFound, SandboxTemplate \"t\" not found, missing, false",
  })
  void what_the_controller_cannot_do_has_a_cause(
      String reason, String message, String cause, boolean lasting) {
    PodTrouble trouble = trouble(reason, message).orElseThrow();

    assertEquals(cause, trouble.cause());
    assertEquals(lasting, trouble.lasting());
  }

  @ParameterizedTest
  @CsvSource({
    "ReconcilerError, the object has been modified; please apply your changes",
    "AdoptionPending, waiting for cache to converge",
    "SandboxNotReady, Sandbox is not ready",
    "PodFailed, Pod failed",
  })
  void what_may_pass_or_the_pod_says_better_is_no_cause(String reason, String message) {
    assertEquals(Optional.empty(), trouble(reason, message));
  }

  @Test
  void an_end_is_an_end() {
    ClaimStatus status =
        status(
            Map.of(
                "conditions",
                List.of(
                    notReady("PodFailed", "Pod failed"),
                    Map.of(
                        "type",
                        "Finished",
                        "status",
                        "True",
                        "reason",
                        "PodFailed",
                        "message",
                        "Pod failed"))));

    assertTrue(status.ended());
  }
}
