package io.steward.vaultproxy.proxy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "io.steward.vaultproxy",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ProxyArchitectureTest {
  /// What may leave, and what is replaced on the way, is decided without effects.
  @ArchTest
  static final ArchRule POLICY_AND_INJECTION_ARE_PURE =
      classes()
          .that()
          .resideInAnyPackage("io.steward.vaultproxy.policy..", "io.steward.vaultproxy.inject..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.steward.vaultproxy.policy..",
              "io.steward.vaultproxy.inject..",
              "io.steward.vaultproxy.egress..",
              "io.steward.schemas.agent..",
              "io.steward.schemas.id..",
              "io.steward.schemas.sandbox..",
              "io.steward.schemas.vault..",
              "java..",
              "javax.crypto..",
              "org.jspecify..");

  @ArchTest
  static final ArchRule THE_ORDER_OF_THE_PARTS =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.steward.vaultproxy.message..",
              "io.steward.vaultproxy.admission..",
              "io.steward.vaultproxy.ca..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.steward.vaultproxy.proxy..");

  @ArchTest
  static final ArchRule CERTIFICATES_ARE_MADE_THERE_ONLY =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.steward.vaultproxy.ca..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.bouncycastle..");
}
