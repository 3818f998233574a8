package io.steward.sandbox.kubernetes;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;

/// Says that the tests on a cluster did not run.
@DisabledIfEnvironmentVariable(named = "KUBECONFIG", matches = ".+")
class ClusterAbsentTest {
  @Test
  void tests_on_a_cluster_are_skipped() {
    System.out.println(
        "SKIPPED: the tests on Kubernetes (*ClusterTest), because KUBECONFIG is not set;"
            + " tests-e2e/cluster starts a cluster");
  }
}
