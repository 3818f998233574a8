package io.steward.agentconfig.environments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.agent.Environment;
import io.steward.schemas.agent.EnvironmentConfig;
import io.steward.schemas.agent.EnvironmentConfig.CloudConfig;
import io.steward.schemas.agent.EnvironmentConfig.SelfHostedConfig;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeyRulesTest {
  private static final Instant T0 = Instant.parse("2026-11-20T10:00:00Z");

  private static Environment environment(EnvironmentConfig config) {
    return new Environment("env_1", "lab", null, config, Map.of(), "organization", T0, T0, null);
  }

  private static ApiError refusal(Environment environment, long keys) {
    ApiError error =
        assertThrows(ApiException.class, () -> KeyRules.requireRoom(environment, keys)).error();
    assertEquals(400, error.status());
    assertTrue(error.message().contains("env_1"), error.message());
    return error;
  }

  @Test
  void a_self_hosted_environment_has_room_up_to_the_limit() {
    Environment lab = environment(new SelfHostedConfig());

    KeyRules.requireRoom(lab, KeyRules.KEYS_MAX - 1);

    assertTrue(refusal(lab, KeyRules.KEYS_MAX).message().contains("100"));
  }

  @Test
  void a_cloud_environment_has_no_keys() {
    assertTrue(refusal(environment(CloudConfig.DEFAULT), 0).message().contains("self_hosted"));
  }

  @Test
  void an_archived_environment_gets_no_new_key() {
    assertEquals(
        "environment_archived",
        refusal(environment(new SelfHostedConfig()).archived(T0), 0).code());
  }
}
