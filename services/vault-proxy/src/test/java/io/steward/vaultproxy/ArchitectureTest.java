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
          .layer("egress")
          .definedBy("io.steward.vaultproxy.egress..")
          .layer("pdf")
          .definedBy("io.steward.vaultproxy.pdf..")
          .layer("postgres")
          .definedBy("io.steward.vaultproxy.postgres..")
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
          .mayOnlyBeAccessedByLayers("wiring", "http")
          .whereLayer("vault")
          .mayOnlyBeAccessedByLayers("http", "store")
          .whereLayer("clone")
          .mayOnlyBeAccessedByLayers("wiring", "repository")
          .whereLayer("web")
          .mayOnlyBeAccessedByLayers("wiring", "topic")
          .whereLayer("egress")
          .mayOnlyBeAccessedByLayers("wiring", "web")
          .whereLayer("pdf")
          .mayOnlyBeAccessedByLayers("web")
          .whereLayer("postgres")
          .mayOnlyBeAccessedByLayers("wiring", "repository", "secret", "store");

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
