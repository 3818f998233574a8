package io.steward.helm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What holds for every object, whatever the values.
class RulesTest {
  private static final String NOW = ValueSet.KUBERNETES.getFirst();
  private static final Set<String> SERVICES =
      Set.of("agent-config", "session-log", "harness", "sandbox", "vault-proxy");

  /// Names of variables whose values must come from a Secret.
  private static final Pattern SECRET = Pattern.compile(".*(PASSWORD|API_KEY|ACCESS_KEY.*|TOKEN)");

  private static List<Workload> workloads(ValueSet values) {
    return Workload.of(values.objects(NOW));
  }

  @ParameterizedTest
  @EnumSource(ValueSet.class)
  void there_are_all_five_services_and_a_job_for_the_topics(ValueSet values) {
    Set<String> expected = new TreeSet<>(SERVICES);
    expected.add("topics");
    if (values == ValueSet.TRIAL) {
      expected.addAll(List.of("trial-kafka", "trial-postgresql"));
    }

    assertEquals(
        expected,
        workloads(values).stream()
            .map(Workload::component)
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  @ParameterizedTest
  @EnumSource(ValueSet.class)
  void nothing_runs_as_root_or_can_become_it(ValueSet values) {
    for (Workload workload : workloads(values)) {
      JsonNode pod = workload.pod().path("securityContext");
      assertTrue(pod.path("runAsNonRoot").asBoolean(), workload.component());
      assertTrue(pod.path("runAsUser").asInt() > 0, workload.component());
      assertEquals("RuntimeDefault", pod.at("/seccompProfile/type").asText());
      workload
          .containers()
          .forEach(container -> {
            JsonNode security = container.path("securityContext");
            assertFalse(security.path("allowPrivilegeEscalation").asBoolean(true));
            assertTrue(security.path("readOnlyRootFilesystem").asBoolean());
            assertEquals("[\"ALL\"]", security.at("/capabilities/drop").toString());
            assertTrue(security.at("/capabilities/add").isMissingNode());
            assertFalse(security.path("privileged").asBoolean());
          });
      for (String host : List.of("hostNetwork", "hostPID", "hostIPC")) {
        assertFalse(workload.pod().path(host).asBoolean(), workload.component());
      }
      workload
          .pod()
          .path("volumes")
          .forEach(volume -> assertTrue(volume.path("hostPath").isMissingNode()));
    }
  }

  @ParameterizedTest
  @EnumSource(ValueSet.class)
  void only_the_sandbox_service_has_a_token(ValueSet values) {
    List<JsonNode> objects = values.objects(NOW);

    Set<String> withToken =
        Workload.of(objects).stream()
            .filter(workload -> workload.pod().path("automountServiceAccountToken").asBoolean(true))
            .map(Workload::component)
            .collect(Collectors.toSet());

    assertEquals(Set.of("sandbox"), withToken);
    of(objects, "ServiceAccount")
        .forEach(
            account -> assertFalse(account.path("automountServiceAccountToken").asBoolean(true)));
  }

  @ParameterizedTest
  @EnumSource(ValueSet.class)
  void what_it_may_do_is_bounded_to_the_pods_of_sandboxes(ValueSet values) {
    List<JsonNode> objects = values.objects(NOW);
    JsonNode role = of(objects, "Role").getFirst();
    assertEquals(List.of(), of(objects, "ClusterRole"));
    assertEquals(List.of(), of(objects, "ClusterRoleBinding"));
    assertEquals(1, of(objects, "Role").size());
    assertEquals("steward-sandboxes", role.at("/metadata/namespace").asText());
    assertEquals(
        Set.of(
            "/pods [\"create\",\"get\",\"list\",\"watch\",\"patch\",\"delete\"]",
            "/pods/exec [\"create\",\"get\"]",
            "/events [\"list\"]",
            "coordination.k8s.io/leases [\"create\",\"get\",\"patch\"]"),
        allowed(role));
    assertEquals(
        "steward-sandbox", of(objects, "RoleBinding").getFirst().at("/subjects/0/name").asText());
  }

  private static Set<String> allowed(JsonNode role) {
    Set<String> allowed = new TreeSet<>();
    role.path("rules")
        .forEach(rule -> {
          assertEquals(1, rule.path("apiGroups").size());
          rule.path("resources")
              .forEach(resource ->
                  allowed.add(
                      rule.path("apiGroups").get(0).asText()
                          + "/"
                          + resource.asText()
                          + " "
                          + rule.path("verbs")));
        });
    return allowed;
  }

  @Test
  void with_agent_sandbox_it_makes_no_pods_itself() {
    List<JsonNode> objects =
        ValueSet.objectsOf(
            ValueSet.PRODUCTION.text(NOW, Map.of("sandboxes.provisioner", "agent-sandbox")));

    assertEquals(
        Set.of(
            "/pods [\"get\",\"list\",\"watch\",\"delete\"]",
            "/pods/exec [\"create\",\"get\"]",
            "/events [\"list\"]",
            "agents.x-k8s.io/sandboxes [\"list\",\"delete\"]",
            "coordination.k8s.io/leases [\"create\",\"get\",\"patch\"]",
            "extensions.agents.x-k8s.io/sandboxclaims"
                + " [\"create\",\"get\",\"list\",\"watch\",\"patch\",\"delete\"]",
            "extensions.agents.x-k8s.io/sandboxtemplates"
                + " [\"create\",\"get\",\"list\",\"patch\",\"delete\"]",
            "extensions.agents.x-k8s.io/sandboxwarmpools"
                + " [\"create\",\"get\",\"list\",\"patch\",\"delete\"]"),
        allowed(of(objects, "Role").getFirst()));
  }

  @ParameterizedTest
  @EnumSource(ValueSet.class)
  void secrets_come_by_reference(ValueSet values) {
    for (Workload workload : workloads(values)) {
      workload
          .containers()
          .flatMap(RulesTest::variables)
          .forEach(variable -> {
            if (SECRET.matcher(variable.path("name").asText()).matches()) {
              assertFalse(
                  variable.at("/valueFrom/secretKeyRef/name").asText("").isEmpty(),
                  () -> workload.component() + ": " + variable.path("name").asText());
            }
          });
    }
    if (values != ValueSet.TRIAL) {
      assertEquals(List.of(), of(values.objects(NOW), "Secret"));
    }
  }

  @ParameterizedTest
  @EnumSource(ValueSet.class)
  void every_container_has_requests_and_limits(ValueSet values) {
    for (Workload workload : workloads(values)) {
      workload
          .containers()
          .forEach(container -> {
            for (String what :
                List.of("/requests/cpu", "/requests/memory", "/limits/memory", "/limits/cpu")) {
              assertFalse(
                  container.path("resources").at(what).isMissingNode(),
                  () -> workload.component() + what);
            }
          });
      workload
          .pod()
          .path("volumes")
          .forEach(volume ->
              assertTrue(
                  volume.path("emptyDir").isMissingNode()
                      || volume.at("/emptyDir").has("sizeLimit"),
                  () -> workload.component() + ": " + volume));
    }
  }

  @ParameterizedTest
  @EnumSource(ValueSet.class)
  void no_variable_is_set_twice_and_services_of_the_cluster_set_none(ValueSet values) {
    for (Workload workload : workloads(values)) {
      List<String> names = workload.variables();
      assertEquals(new HashSet<>(names).size(), names.size(), names::toString);
      // A Service steward-egress-proxy would set STEWARD_EGRESS_PROXY_PORT.
      assertFalse(workload.pod().path("enableServiceLinks").asBoolean(true));
    }
  }

  @Test
  void a_variable_of_the_operator_takes_the_place_of_the_charts() {
    List<JsonNode> objects =
        ValueSet.objectsOf(
            ValueSet.TRIAL.text(
                NOW,
                Map.of(
                    "sandbox.extraEnv[0].name", "STEWARD_SANDBOX",
                    "sandbox.extraEnv[0].value", "none")));
    Workload sandbox = component(Workload.of(objects), "sandbox");

    assertEquals("none", sandbox.variable("STEWARD_SANDBOX"));
    assertEquals(1, sandbox.variables().stream().filter("STEWARD_SANDBOX"::equals).count());
  }

  @ParameterizedTest
  @EnumSource(ValueSet.class)
  void a_pod_is_given_longer_to_end_than_its_service_takes(ValueSet values) {
    for (Workload workload : workloads(values)) {
      long grace = workload.pod().path("terminationGracePeriodSeconds").asLong(30);
      long own =
          seconds(workload.variable("QUARKUS_SHUTDOWN_DELAY"))
              + seconds(workload.variable("QUARKUS_SHUTDOWN_TIMEOUT"))
              + seconds(workload.variable("STEWARD_TURN_DRAIN_MAX"))
              + seconds(workload.variable("SANDBOX_DRAIN"));
      assertTrue(grace >= own + 3, () -> workload.component() + ": " + grace + " for " + own);
    }
  }

  @ParameterizedTest
  @EnumSource(ValueSet.class)
  void every_service_is_asked_whether_it_started_lives_and_is_ready(ValueSet values) {
    for (Workload workload : workloads(values)) {
      if (workload.isService()) {
        assertEquals("/q/health/started", probe(workload, "startupProbe"));
        assertEquals("/q/health/live", probe(workload, "livenessProbe"));
        assertEquals("/q/health/ready", probe(workload, "readinessProbe"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(ValueSet.class)
  void every_pod_has_a_network_policy_and_sandboxes_reach_the_egress_proxy_alone(ValueSet values) {
    List<JsonNode> objects = values.objects(NOW);
    List<JsonNode> policies = of(objects, "NetworkPolicy");
    Set<String> covered =
        policies.stream()
            .map(policy ->
                policy
                    .at("/spec/podSelector/matchLabels")
                    .path("app.kubernetes.io/component")
                    .asText("sandboxes"))
            .collect(Collectors.toSet());
    JsonNode sandboxes =
        one(
            policies,
            policy -> policy.at("/metadata/namespace").asText().equals("steward-sandboxes"));

    Workload.of(objects)
        .forEach(
            workload -> assertTrue(covered.contains(workload.component()), workload.component()));
    policies.forEach(policy ->
        assertEquals("[\"Ingress\",\"Egress\"]", policy.at("/spec/policyTypes").toString()));
    assertEquals("{}", sandboxes.at("/spec/podSelector").toString());
    assertEquals("[]", sandboxes.at("/spec/ingress").toString());
    assertEquals(1, sandboxes.at("/spec/egress").size());
    assertEquals(
        "[{\"protocol\":\"TCP\",\"port\":3128}]", sandboxes.at("/spec/egress/0/ports").toString());
    assertEquals(
        "vault-proxy",
        sandboxes
            .at("/spec/egress/0/to/0/podSelector/matchLabels")
            .path("app.kubernetes.io/component")
            .asText());
    assertEquals(
        ValueSet.NAMESPACE,
        sandboxes
            .at("/spec/egress/0/to/0/namespaceSelector/matchLabels")
            .path("kubernetes.io/metadata.name")
            .asText());
  }

  @ParameterizedTest
  @EnumSource(ValueSet.class)
  void the_namespace_of_sandboxes_is_restricted_and_bounded(ValueSet values) {
    List<JsonNode> objects = values.objects(NOW);
    JsonNode namespace = of(objects, "Namespace").getFirst();

    assertEquals("restricted", Workload.label(namespace, "pod-security.kubernetes.io/enforce"));
    JsonNode quota = of(objects, "ResourceQuota").getFirst();
    assertEquals(namespace.at("/metadata/name").asText(), quota.at("/metadata/namespace").asText());
    assertFalse(quota.at("/spec/hard/pods").isMissingNode());
  }

  @ParameterizedTest
  @EnumSource(ValueSet.class)
  void ingresses_lead_where_the_one_port_of_a_laptop_leads(ValueSet values) {
    Set<String> routes = new TreeSet<>();
    for (JsonNode ingress : of(values.objects(NOW), "Ingress")) {
      ingress
          .at("/spec/rules/0/http/paths")
          .forEach(path ->
              routes.add(
                  path.path("path").asText() + " " + path.at("/backend/service/name").asText()));
    }

    assertEquals(
        values == ValueSet.TRIAL
            ? Set.of()
            : Set.of(
                "/v1/agents steward-agent-config",
                "/v1/environments steward-agent-config",
                "/v1/environments/[^/]+/work steward-session-log",
                "/v1/files steward-session-log",
                "/v1/models steward-agent-config",
                "/v1/sessions steward-session-log",
                "/v1/vaults steward-vault-proxy"),
        routes);
  }

  @Test
  void a_subscriber_is_let_in_by_the_job_of_the_topics_when_it_is_named() {
    String nobody = ValueSet.PRODUCTION.text(NOW, Map.of());
    String somebody =
        ValueSet.PRODUCTION.text(NOW, Map.of("kafka.subscriber.principal", "User:reports"));

    assertFalse(nobody.contains("STEWARD_SUBSCRIBER"));
    assertTrue(
        somebody.contains(
            """
                        - name: STEWARD_SUBSCRIBER_PRINCIPAL
                          value: "User:reports"
                        - name: STEWARD_SUBSCRIBER_GROUP_PREFIX
                          value: "subscriber-"
            """));
  }

  @Test
  void the_topics_are_made_by_a_hook_unless_the_broker_comes_with_the_release() {
    String asHook = ValueSet.PRODUCTION.text(NOW, Map.of("topics.hook", true));
    String inTrial = ValueSet.TRIAL.text(NOW, Map.of("topics.hook", true));

    // Hooks are not in what Helm prints.
    assertFalse(asHook.contains("ProvisionTopics"));
    assertTrue(inTrial.contains("ProvisionTopics"));
    assertEquals("3", job(ValueSet.PRODUCTION).variable("STEWARD_TOPIC_REPLICATION"));
    assertEquals("1", job(ValueSet.TRIAL).variable("STEWARD_TOPIC_REPLICATION"));
    assertEquals(
        "[\"io.steward.schemas.kafka.ProvisionTopics\"]",
        job(ValueSet.PRODUCTION).container().path("args").toString());
  }

  @Test
  void the_harness_grows_with_model_calls_and_has_no_name_of_its_own() {
    List<JsonNode> objects = ValueSet.PRODUCTION.objects(NOW);
    JsonNode autoscaler =
        one(
            of(objects, "HorizontalPodAutoscaler"),
            object -> object.at("/metadata/name").asText().equals("steward-harness"));

    assertEquals(
        "steward_harness_model_calls", autoscaler.at("/spec/metrics/0/pods/metric/name").asText());
    assertEquals(
        "running",
        autoscaler.at("/spec/metrics/0/pods/metric/selector/matchLabels/state").asText());
    Workload.of(objects)
        .forEach(workload -> assertFalse(workload.variables().contains("STEWARD_KAFKA_INSTANCE")));
  }

  @Test
  void the_hardened_values_isolate_sandboxes_and_name_peers() {
    Workload sandbox = component(workloads(ValueSet.HARDENED), "sandbox");

    assertEquals("gvisor", sandbox.variable("SANDBOX_KUBERNETES_RUNTIME_CLASS"));
    assertEquals("steward.io/sandboxes=true", sandbox.variable("SANDBOX_KUBERNETES_NODE_SELECTOR"));
    assertNotEquals(List.of(), of(ValueSet.HARDENED.objects(NOW), "LimitRange"));
  }

  private static Workload job(ValueSet values) {
    return component(workloads(values), "topics");
  }

  private static Workload component(List<Workload> workloads, String component) {
    return workloads.stream()
        .filter(workload -> workload.component().equals(component))
        .findFirst()
        .orElseThrow();
  }

  private static String probe(Workload workload, String name) {
    return workload.container().path(name).at("/httpGet/path").asText("");
  }

  private static Stream<JsonNode> variables(JsonNode container) {
    List<JsonNode> variables = new ArrayList<>();
    container.path("env").forEach(variables::add);
    return variables.stream();
  }

  private static List<JsonNode> of(List<JsonNode> objects, String kind) {
    return objects.stream().filter(object -> object.path("kind").asText("").equals(kind)).toList();
  }

  private static JsonNode one(List<JsonNode> objects, Predicate<JsonNode> which) {
    return objects.stream().filter(which).findFirst().orElseThrow();
  }

  /// Of `5s` or `PT20S`; 0 for nothing.
  private static long seconds(String text) {
    String digits = text.replaceAll("[^0-9]", "");
    return digits.isEmpty() ? 0 : Long.parseLong(digits);
  }
}
