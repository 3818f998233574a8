package io.steward.sandbox.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class PodSettingsTest {
  private static void assertRefused(String words, Executable work) {
    String message =
        String.valueOf(assertThrows(IllegalArgumentException.class, work).getMessage());
    assertTrue(message.contains(words), message);
  }

  @Test
  void what_makes_no_sense_is_refused_with_key_and_value() {
    assertRefused("sandbox.kubernetes.namespace", () -> TestPods.settings("Not_A_Name"));
    assertRefused("node-selector must be", () -> PodSettings.nodeSelector(List.of("agents")));
    assertRefused("got a=b:Never", () -> PodSettings.tolerations(List.of("a=b:Never")));
    assertRefused("provisioner must be pods or", () -> PodSettings.Provisioning.of("helm"));
    assertRefused("got =b", () -> PodSettings.tolerations(List.of("=b")));
    assertRefused(
        "sandbox.kubernetes.image", () -> TestPods.settings("x", " ", resources("1"), ONE_MINUTE));
    assertRefused("cpu-request must not be above", () -> resources("5"));
    assertRefused(
        "start-timeout above 0", () -> new PodSettings.Lifetimes(ONE_MINUTE, Duration.ZERO));
  }

  private static final Duration ONE_MINUTE = Duration.ofMinutes(1);

  private static PodSettings.Resources resources(String cpuRequest) {
    Quantity bytes = new Quantity("1Mi");
    return new PodSettings.Resources(
        new Quantity(cpuRequest), new Quantity("2"), bytes, bytes, bytes, bytes, bytes, bytes);
  }

  @Test
  void a_request_may_be_written_in_another_unit_than_its_limit() {
    assertEquals("1500m", resources("1500m").cpuRequest().toString());
  }
}
