package io.steward.sandbox.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodTroubleTest {
  private static Pod waiting(String reason, String message) {
    return new PodBuilder()
        .withNewStatus()
        .withPhase("Pending")
        .addNewContainerStatus()
        .withNewState()
        .withNewWaiting(message, reason)
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }

  private static Pod ended(String reason, String message, String containerReason) {
    return new PodBuilder()
        .withNewStatus()
        .withPhase("Failed")
        .withReason(reason)
        .withMessage(message)
        .addNewContainerStatus()
        .withNewState()
        .withNewTerminated()
        .withExitCode(137)
        .withReason(containerReason)
        .endTerminated()
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }

  @ParameterizedTest
  @CsvSource({
    "ImagePullBackOff, image",
    "InvalidImageName, image",
    "ErrImageNeverPull, image",
    "CreateContainerConfigError, container",
    "CreateContainerError, container",
    "RunContainerError, container",
  })
  void a_container_that_never_starts_is_lasting_trouble(String reason, String cause) {
    PodTrouble trouble = PodTrouble.of(waiting(reason, "back-off\n pulling")).orElseThrow();

    assertEquals(cause, trouble.cause());
    assertTrue(trouble.lasting());
    assertTrue(trouble.sentence().endsWith(": back-off pulling"), trouble.sentence());
  }

  @ParameterizedTest
  @CsvSource({"ContainerCreating", "PodInitializing", "ErrImagePull"})
  void what_may_still_become_ready_is_no_trouble(String reason) {
    assertEquals(Optional.empty(), PodTrouble.of(waiting(reason, "")));
    assertEquals(Optional.empty(), PodTrouble.of(new Pod()));
  }

  @Test
  void a_pod_that_ended_says_why() {
    assertEquals(
        "evicted",
        PodTrouble.of(ended("Evicted", "Usage of EmptyDir volume exceeds the limit", "Error"))
            .orElseThrow()
            .cause());
    assertEquals(
        "deadline", PodTrouble.of(ended("DeadlineExceeded", "", "Error")).orElseThrow().cause());
    assertEquals("memory", PodTrouble.of(ended("", "", "OOMKilled")).orElseThrow().cause());
    assertEquals(
        "its pod ended: exit code 137", PodTrouble.of(ended("", "", "")).orElseThrow().sentence());
  }

  @Test
  void the_scheduler_is_quoted() {
    Pod pod =
        new PodBuilder()
            .withNewStatus()
            .addNewCondition()
            .withType("PodScheduled")
            .withStatus("False")
            .withReason("Unschedulable")
            .withMessage("0/3 nodes are available: 3 Insufficient cpu.")
            .endCondition()
            .endStatus()
            .build();

    PodTrouble trouble = PodTrouble.late(pod, "60 s");

    assertTrue(trouble.lasting());
    assertEquals(
        "No node of the cluster has room for a sandbox: 0/3 nodes are available: 3 Insufficient"
            + " cpu.",
        trouble.sentence());
  }

  @Test
  void a_pull_that_failed_once_is_what_was_late() {
    assertEquals("image", PodTrouble.late(waiting("ErrImagePull", "not found"), "60 s").cause());
    assertFalse(PodTrouble.late(null, "60 s").lasting());
  }

  @ParameterizedTest
  @CsvSource({
    "403, 'pods \"a\" is forbidden: exceeded quota: small', quota, true",
    "403, 'pods is forbidden: User \"x\" cannot create', forbidden, true",
    "401, Unauthorized, forbidden, true",
    "404, 'namespaces \"hands\" not found', missing, true",
    "422, 'Pod is invalid', invalid, true",
    "429, 'too many requests', api, false",
    "500, 'etcdserver: leader changed', api, false",
  })
  void refusals_of_the_api_server_become_sentences(
      int code, String message, String cause, boolean lasting) {
    Status status = new StatusBuilder().withCode(code).withMessage(message).build();

    PodTrouble trouble = PodTrouble.of(new KubernetesClientException(status));

    assertEquals(cause, trouble.cause());
    assertEquals(lasting, trouble.lasting());
  }

  @Test
  void words_of_the_cluster_are_bounded() {
    assertTrue(
        PodTrouble.of(waiting("ImagePullBackOff", "x".repeat(5000)))
                .orElseThrow()
                .sentence()
                .length()
            < 500);
  }

  @Test
  void an_api_server_that_is_away_may_come_back() {
    assertFalse(PodTrouble.of(new KubernetesClientException("connection refused")).lasting());
  }
}
