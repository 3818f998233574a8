package io.steward.vaultproxy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "io.steward.vaultproxy",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule NO_OTHER_SERVICE_IS_KNOWN =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.steward.agentconfig..",
              "io.steward.sessionlog..",
              "io.steward.harness..",
              "io.steward.sandbox..",
              "io.steward.devbox..");

  @ArchTest
  static final ArchRule LAYERS =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("wiring")
          .definedBy("io.steward.vaultproxy")
          .layer("http")
          .definedBy("io.steward.vaultproxy.http..")
          .layer("topic")
          .definedBy("io.steward.vaultproxy.topic..")
          .layer("repository")
          .definedBy("io.steward.vaultproxy.repository..")
          .layer("secret")
          .definedBy("io.steward.vaultproxy.secret..")
          .layer("seal")
          .definedBy("io.steward.vaultproxy.seal..")
          .layer("clone")
          .definedBy("io.steward.vaultproxy.clone..")
          .layer("vault")
          .definedBy("io.steward.vaultproxy.vault..")
          .layer("store")
          .definedBy("io.steward.vaultproxy.store..")
          .layer("web")
          .definedBy("io.steward.vaultproxy.web..")
          .layer("search")
          .definedBy("io.steward.vaultproxy.search..")
          .layer("call")
          .definedBy("io.steward.vaultproxy.call..")
          .layer("mcp")
          .definedBy("io.steward.vaultproxy.mcp..")
          .layer("transport")
          .definedBy("io.steward.vaultproxy.transport..")
          .layer("oauth")
          .definedBy("io.steward.vaultproxy.oauth..")
          .layer("outbound")
          .definedBy("io.steward.vaultproxy.outbound..")
          .layer("egress")
          .definedBy("io.steward.vaultproxy.egress..")
          .layer("pdf")
          .definedBy("io.steward.vaultproxy.pdf..")
          .layer("outbox")
          .definedBy("io.steward.vaultproxy.outbox..")
          .layer("session")
          .definedBy("io.steward.vaultproxy.session..")
          .layer("proxy")
          .definedBy("io.steward.vaultproxy.proxy..")
          .layer("admission")
          .definedBy("io.steward.vaultproxy.admission..")
          .layer("message")
          .definedBy("io.steward.vaultproxy.message..")
          .layer("inject")
          .definedBy("io.steward.vaultproxy.inject..")
          .layer("policy")
          .definedBy("io.steward.vaultproxy.policy..")
          .layer("ca")
          .definedBy("io.steward.vaultproxy.ca..")
          .layer("postgres")
          .definedBy("io.steward.vaultproxy.postgres..")
          .layer("audit")
          .definedBy("io.steward.vaultproxy.audit..")
          .whereLayer("wiring")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("http")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("topic")
          .mayOnlyBeAccessedByLayers("wiring")
          .whereLayer("repository")
          .mayOnlyBeAccessedByLayers("wiring", "topic")
          .whereLayer("secret")
          .mayOnlyBeAccessedByLayers("wiring", "topic", "repository")
          .whereLayer("seal")
          .mayOnlyBeAccessedByLayers("wiring", "topic", "secret", "store")
          .whereLayer("store")
          .mayOnlyBeAccessedByLayers("wiring", "http", "oauth", "session")
          .whereLayer("outbox")
          .mayOnlyBeAccessedByLayers("wiring", "http", "store", "topic")
          .whereLayer("session")
          .mayOnlyBeAccessedByLayers("wiring")
          .whereLayer("proxy")
          .mayOnlyBeAccessedByLayers("wiring", "session", "repository", "audit")
          .whereLayer("admission")
          .mayOnlyBeAccessedByLayers("wiring", "proxy", "topic")
          .whereLayer("message")
          .mayOnlyBeAccessedByLayers("proxy")
          .whereLayer("inject")
          .mayOnlyBeAccessedByLayers("proxy", "message", "session")
          .whereLayer("policy")
          .mayOnlyBeAccessedByLayers(
              "wiring", "proxy", "admission", "message", "inject", "session", "repository", "audit")
          .whereLayer("ca")
          .mayOnlyBeAccessedByLayers("wiring", "proxy")
          .whereLayer("vault")
          .mayOnlyBeAccessedByLayers(
              "wiring", "http", "store", "transport", "mcp", "oauth", "session", "audit")
          .whereLayer("oauth")
          .mayOnlyBeAccessedByLayers("wiring", "http")
          .whereLayer("call")
          .mayOnlyBeAccessedByLayers("wiring", "topic", "mcp", "web", "search")
          .whereLayer("mcp")
          .mayOnlyBeAccessedByLayers("wiring", "topic")
          .whereLayer("transport")
          .mayOnlyBeAccessedByLayers("wiring", "mcp")
          .whereLayer("clone")
          .mayOnlyBeAccessedByLayers("wiring", "repository")
          .whereLayer("web")
          .mayOnlyBeAccessedByLayers("wiring", "topic")
          .whereLayer("search")
          .mayOnlyBeAccessedByLayers("wiring", "topic")
          .whereLayer("outbound")
          .mayOnlyBeAccessedByLayers("wiring", "web", "search", "oauth")
          .whereLayer("egress")
          .mayOnlyBeAccessedByLayers(
              "wiring",
              "web",
              "search",
              "transport",
              "outbound",
              "oauth",
              "proxy",
              "message",
              "inject",
              "policy",
              "ca",
              "audit")
          .whereLayer("pdf")
          .mayOnlyBeAccessedByLayers("web")
          .whereLayer("postgres")
          .mayOnlyBeAccessedByLayers(
              "wiring", "repository", "seal", "secret", "store", "call", "outbox", "ca", "audit")
          .whereLayer("audit")
          .mayOnlyBeAccessedByLayers(
              "wiring", "http", "topic", "repository", "transport", "mcp", "oauth");

  @ArchTest
  static final ArchRule THE_RULES_OF_VAULTS_KNOW_NO_EFFECTS =
      noClasses()
          .that()
          .resideInAPackage("io.steward.vaultproxy.vault..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "java.io..", "jakarta..", "io.vertx..", "com.google..");

  /// It runs in a process of its own, which has few jars and none of the service's keys.
  @ArchTest
  static final ArchRule THE_CLONING_PROGRAM_KNOWS_NOTHING_OF_THE_SERVICE =
      classes()
          .that()
          .resideInAPackage("io.steward.vaultproxy.clone..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.steward.vaultproxy.clone..",
              "java..",
              "javax.net.ssl..",
              "org.eclipse.jgit..",
              "org.apache.commons.compress..",
              "org.jspecify..");

  @ArchTest
  static final ArchRule WHAT_FOREIGN_SERVERS_SEND_IS_READ_THERE_ONLY =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.steward.vaultproxy.clone..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.eclipse.jgit..");

  /// As the cloning program: a process of its own.
  @ArchTest
  static final ArchRule THE_PROGRAM_THAT_READS_PDFS_KNOWS_NOTHING_OF_THE_SERVICE =
      classes()
          .that()
          .resideInAPackage("io.steward.vaultproxy.pdf..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.steward.vaultproxy.pdf..", "java..", "org.apache.pdfbox..", "org.jspecify..");

  @ArchTest
  static final ArchRule PDFS_ARE_READ_THERE_ONLY =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.steward.vaultproxy.pdf..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.pdfbox..");

  /// The SDK's own HTTP would connect to addresses nobody checked.
  @ArchTest
  static final ArchRule MCP_SERVERS_ARE_CONNECTED_TO_BY_OUR_TRANSPORT =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.modelcontextprotocol.client..", "java.net.http..");

  @ArchTest
  static final ArchRule REACTOR_STAYS_IN_THE_ADAPTER =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.steward.vaultproxy.mcp..", "io.steward.vaultproxy.transport..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("reactor..", "io.modelcontextprotocol..");

  /// What may be connected to is decided without looking at anything outside.
  @ArchTest
  static final ArchRule EGRESS_RULES_KNOW_NO_FRAMEWORK =
      classes()
          .that()
          .resideInAPackage("io.steward.vaultproxy.egress..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("io.steward.vaultproxy.egress..", "java..", "org.jspecify..");

  @ArchTest
  static final ArchRule THE_OUTBOX_KNOWS_THE_DATABASE_ONLY =
      classes()
          .that()
          .resideInAPackage("io.steward.vaultproxy.outbox..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.steward.vaultproxy.outbox..",
              "io.steward.vaultproxy.postgres..",
              "io.steward.schemas..",
              "java..",
              "org.jboss.logging..",
              "org.jspecify..");

  @ArchTest
  static final ArchRule KAFKA_STAYS_AT_THE_EDGE =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.steward.vaultproxy.topic..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.kafka..");

  @ArchTest
  static final ArchRule NAMES_SAY_SOMETHING =
      noClasses()
          .should()
          .haveNameMatching(
              ".*(Util|Utils|Helper|Helpers|Manager|Impl|Abstract|Base|Processor|Data|Info)");
}
