package io.steward.sandbox.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AgentObjectsTest {
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00.5Z");
  private static final PodLabels.Use USE =
      new PodLabels.Use("sbxo_01abc", "sesn_0111222", "sbx_01def");

  private final PodSettings settings = TestPods.byAgentSandbox(TestPods.settings("hands"));
  private final PodSpecs specs = new PodSpecs(settings, PodProgram.IDLE);
  private final AgentObjects objects = new AgentObjects(settings, specs, "sbxo_01abc");

  @Test
  void the_template_has_the_very_spec_of_plain_pods() {
    PodSpecs plain = new PodSpecs(TestPods.settings("hands"), PodProgram.IDLE);

    assertEquals(
        plain.forSession("a", USE).getSpec(),
        objects.template().get("spec", "podTemplate", "spec"));
    assertNotEquals(plain.shape(), specs.shape(), "but they are not each other's");
  }

  @Test
  void the_template_asks_for_no_network_policy_and_no_service_of_the_controller() {
    GenericKubernetesResource template = objects.template();

    assertEquals("Unmanaged", template.get("spec", "networkPolicyManagement"));
    assertEquals(false, template.get("spec", "service"));
  }

  /// The controller sets a template's labels again and again, so none may be one that changes.
  @Test
  void labels_of_the_template_never_change() {
    Map<String, String> labels =
        objects.template().get("spec", "podTemplate", "metadata", "labels");

    assertEquals(PodLabels.ofTemplate("test", specs.shape()), labels);
    assertTrue(labels.entrySet().containsAll(PodLabels.ofInstallation("test").entrySet()));
    assertFalse(labels.containsKey(PodLabels.ROLE));
    assertFalse(labels.containsKey(PodLabels.INSTANCE));
  }

  @Test
  void a_pool_waits_for_its_template_and_both_have_an_owner() {
    GenericKubernetesResource pool = objects.pool(3);

    assertEquals(3, pool.<Integer>get("spec", "replicas"));
    assertEquals(objects.poolName(), pool.get("spec", "sandboxTemplateRef", "name"));
    assertEquals(
        PodLabels.ofPool("test", "sbxo_01abc", specs.shape()), pool.getMetadata().getLabels());
    assertEquals(pool.getMetadata().getLabels(), objects.template().getMetadata().getLabels());
    assertTrue(objects.poolName().matches("[a-z0-9-]{1,57}"), "fit for names with a suffix");
  }

  @Test
  void a_claim_says_whose_it_is_and_ends_by_itself_after_its_pod() {
    GenericKubernetesResource claim = objects.claim("sandbox-1", USE, NOW);

    assertEquals(objects.poolName(), claim.get("spec", "warmPoolRef", "name"));
    assertEquals("Delete", claim.get("spec", "lifecycle", "shutdownPolicy"));
    assertEquals("2026-11-20T13:11:00Z", claim.get("spec", "lifecycle", "shutdownTime"));
    assertEquals(PodLabels.ofSession("test", USE, specs.shape()), claim.getMetadata().getLabels());
  }
}
