package io.steward.devbox.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.devbox.program.Service;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteTest {
  @ParameterizedTest
  @CsvSource({
    "/v1/agents, AGENT_CONFIG",
    "/v1/agents/agent_01/versions, AGENT_CONFIG",
    "/v1/models, AGENT_CONFIG",
    "/v1/environments, AGENT_CONFIG",
    "/v1/environments/env_01, AGENT_CONFIG",
    "/v1/environments/env_01/archive, AGENT_CONFIG",
    "/v1/environments/env_01/keys, AGENT_CONFIG",
    "/v1/environments/env_01/keys/work, AGENT_CONFIG",
    "/v1/environments/work, AGENT_CONFIG",
    "/v1/environments/env_01/work, SESSION_LOG",
    "/v1/environments/env_01/work/poll, SESSION_LOG",
    "/v1/environments/env_01/workers, AGENT_CONFIG",
    "/v1/sessions, SESSION_LOG",
    "/v1/sessions/sesn_01/events/stream, SESSION_LOG",
    "/v1/files/file_01, SESSION_LOG",
    "/v1/vaults/vlt_01/credentials, VAULT_PROXY"
  })
  void a_path_belongs_to_one_service(String path, Service service) {
    assertEquals(new Route.To(service), Route.of(path));
  }

  @Test
  void an_upload_may_be_larger_than_anything_else() {
    assertEquals(new Route.To(Service.SESSION_LOG, Route.UPLOAD_BYTES_MAX), Route.of("/v1/files"));
  }

  @Test
  void readiness_is_our_own() {
    assertEquals(new Route.Readiness(), Route.of("/q/health/ready"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1", "/v1/", "/v1/agentsx", "/v1/messages", "/v1//agents"})
  void nobody_answers_an_unknown_path_of_the_api_and_the_key_is_asked_for_first(String path) {
    assertEquals(new Route.Nobody(true), Route.of(path));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/agents/%zz", "/v1/sessions/%", "/v1/agents/a%2"})
  void a_broken_escape_reaches_no_service(String path) {
    assertEquals(new Route.Malformed(), Route.of(path));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/v2/agents", "/q/health", "/q/metrics", "/V1/agents"})
  void nothing_else_is_public(String path) {
    assertEquals(new Route.Nobody(false), Route.of(path));
  }
}
