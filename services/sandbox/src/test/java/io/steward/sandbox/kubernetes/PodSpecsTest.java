package io.steward.sandbox.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PodSpecsTest {
  private static final PodLabels.Use USE =
      new PodLabels.Use("sbxo_01abc", "sesn_0111222", "sbx_01def");

  private final PodSpecs specs = new PodSpecs(TestPods.settings("hands"), PodProgram.IDLE);
  private final Pod pod = specs.forSession("sandbox-1", USE);
  private final PodSpec spec = pod.getSpec();
  private final Container container = spec.getContainers().getFirst();

  @Test
  void a_pod_has_no_privilege_and_no_way_to_get_one() {
    assertTrue(spec.getSecurityContext().getRunAsNonRoot());
    assertEquals(1000, spec.getSecurityContext().getRunAsUser());
    assertEquals(1000, spec.getSecurityContext().getRunAsGroup());
    assertEquals(1000, spec.getSecurityContext().getFsGroup());
    assertEquals("RuntimeDefault", spec.getSecurityContext().getSeccompProfile().getType());
    assertFalse(container.getSecurityContext().getAllowPrivilegeEscalation());
    assertFalse(container.getSecurityContext().getPrivileged());
    assertTrue(container.getSecurityContext().getReadOnlyRootFilesystem());
    assertEquals(List.of("ALL"), container.getSecurityContext().getCapabilities().getDrop());
    assertEquals(List.of(), container.getSecurityContext().getCapabilities().getAdd());
  }

  @Test
  void a_pod_shares_nothing_with_its_node_and_knows_nothing_of_the_cluster() {
    assertFalse(spec.getHostNetwork());
    assertFalse(spec.getHostPID());
    assertFalse(spec.getHostIPC());
    assertFalse(spec.getAutomountServiceAccountToken());
    assertFalse(spec.getEnableServiceLinks());
    assertNull(spec.getServiceAccountName());
    assertEquals("None", spec.getDnsPolicy());
    assertEquals(List.of(), container.getEnv());
    assertEquals(List.of(), container.getPorts());
    assertTrue(spec.getVolumes().stream().allMatch(volume -> volume.getEmptyDir() != null));
  }

  @Test
  void what_a_shell_has_to_expand_is_kept_from_kubernetes() {
    PodProgram program = new PodProgram(List.of("bash", "-c", "echo $$ $(id)"), Map.of("A", "$$"));

    Container container =
        new PodSpecs(TestPods.settings("hands"), program)
            .forSession("sandbox-1", USE)
            .getSpec()
            .getContainers()
            .getFirst();

    assertEquals(List.of("bash", "-c", "echo $$$$ $$(id)"), container.getCommand());
    assertEquals("$$$$", container.getEnv().getFirst().getValue());
  }

  @Test
  void a_pod_has_limits_on_all_it_may_use() {
    Map<String, Quantity> limits = container.getResources().getLimits();
    assertEquals(Set.of("cpu", "memory", "ephemeral-storage"), limits.keySet());
    assertEquals(limits.keySet(), container.getResources().getRequests().keySet());
    assertEquals(600, spec.getActiveDeadlineSeconds());
    assertEquals("Never", spec.getRestartPolicy());
    assertTrue(
        spec.getVolumes().stream().allMatch(volume -> volume.getEmptyDir().getSizeLimit() != null));
  }

  @Test
  void what_the_agent_writes_has_places_of_its_own() {
    assertEquals(
        Set.of(
            "/workspace",
            "/mnt/session/outputs",
            "/mnt/session/uploads",
            "/mnt/session/tool-outputs",
            "/home/agent",
            "/tmp",
            "/run/steward"),
        container.getVolumeMounts().stream()
            .map(mount -> mount.getMountPath())
            .collect(Collectors.toSet()));
    assertEquals(
        List.of("control"),
        spec.getVolumes().stream()
            .filter(volume -> "Memory".equals(volume.getEmptyDir().getMedium()))
            .map(Volume::getName)
            .toList());
  }

  @Test
  void labels_say_whose_it_is() {
    Map<String, String> labels = pod.getMetadata().getLabels();
    assertEquals("session", labels.get("steward.io/role"));
    assertEquals("sbxo_01abc", labels.get("steward.io/instance"));
    assertEquals("sesn_0111222", labels.get("steward.io/session"));
    assertEquals("sbx_01def", labels.get("steward.io/incarnation"));
    assertEquals("test", labels.get("app.kubernetes.io/instance"));
    labels.values().forEach(PodSpecsTest::assertLabelValue);
  }

  private static void assertLabelValue(String value) {
    assertTrue(value.matches("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"), "not fit: " + value);
  }

  @Test
  void a_pod_that_waits_is_like_any_other_but_for_whose_it_is() {
    Pod waiting = specs.forPool("sandbox-2", "sbxo_01abc");

    assertEquals(spec, waiting.getSpec());
    assertEquals("pool", waiting.getMetadata().getLabels().get("steward.io/role"));
    assertNull(waiting.getMetadata().getLabels().get("steward.io/session"));
  }

  @Test
  void other_settings_make_another_shape() {
    PodSettings more =
        TestPods.settings(
            "hands", TestPods.IMAGE, TestPods.resources("3", "256Mi"), Duration.ofSeconds(60));

    assertNotEquals(specs.shape(), new PodSpecs(more, PodProgram.IDLE).shape());
    assertEquals(specs.shape(), new PodSpecs(TestPods.settings("hands"), PodProgram.IDLE).shape());
    assertLabelValue(specs.shape());
  }

  @Test
  void what_the_operator_says_of_nodes_is_in_the_pod() {
    PodSettings settings = TestPods.settings("hands");
    PodSettings placed =
        new PodSettings(
            settings.namespace(),
            settings.installation(),
            settings.image(),
            List.of("registry"),
            Optional.of("gvisor"),
            PodSettings.nodeSelector(List.of("pool=agents")),
            PodSettings.tolerations(List.of("agents=only:NoSchedule", "spot")),
            settings.resources(),
            settings.lifetimes(),
            settings.provisioning());

    PodSpec result =
        new PodSpecs(placed, PodProgram.IDLE).forPool("sandbox-3", "sbxo_01abc").getSpec();

    assertEquals("gvisor", result.getRuntimeClassName());
    assertEquals(Map.of("pool", "agents"), result.getNodeSelector());
    assertEquals("registry", result.getImagePullSecrets().getFirst().getName());
    assertEquals("Equal", result.getTolerations().get(0).getOperator());
    assertEquals("NoSchedule", result.getTolerations().get(0).getEffect());
    assertEquals("Exists", result.getTolerations().get(1).getOperator());
  }
}
