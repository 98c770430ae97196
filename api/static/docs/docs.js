// Swagger UI over our own document; no validator badge, which would call a foreign server.
SwaggerUIBundle({
  url: document.getElementById("swagger").dataset.openapiUrl,
  dom_id: "#swagger",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  validatorUrl: null,
});
