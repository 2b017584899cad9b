// The function app on a Flex Consumption plan, with the settings that the code reads (src/Shared/TpoSettings.cs).
param name string
param location string
param identityId string
param identityClientId string
param storageAccount string
param nightlySchedule string
param workspaceId string
param computeId string
param environmentId string
param datastore string

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: '${name}-plan'
  location: location
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  kind: 'functionapp'
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: '${name}-app'
  location: location
  kind: 'functionapp,linux'
  tags: { 'azd-service-name': 'app' }
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: 'https://${storageAccount}.blob.${environment().suffixes.storage}/deployments'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      scaleAndConcurrency: { instanceMemoryMB: 4096, maximumInstanceCount: 40 }
    }
    siteConfig: {
      appSettings: [
        { name: 'AzureWebJobsStorage__accountName', value: storageAccount }
        { name: 'AzureWebJobsStorage__credential', value: 'managedidentity' }
        { name: 'AzureWebJobsStorage__clientId', value: identityClientId }
        { name: 'Tpo__WorkFolder', value: '/tmp/tpo' }
        { name: 'Tpo__NightlySchedule', value: nightlySchedule }
        { name: 'Tpo__NightlyCandidate', value: 'newest' }
        { name: 'Tpo__ResourceManager', value: environment().resourceManager }
        { name: 'Tpo__AzureMl__WorkspaceId', value: workspaceId }
        { name: 'Tpo__AzureMl__ComputeId', value: computeId }
        { name: 'Tpo__AzureMl__EnvironmentId', value: environmentId }
        { name: 'Tpo__AzureMl__IdentityClientId', value: identityClientId }
        { name: 'Tpo__AzureMl__Datastore', value: datastore }
      ]
    }
  }
}

output name string = app.name
