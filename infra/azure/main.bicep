// The whole of Azure that the product uses, one module a resource kind. Identity everywhere: no storage keys, no secrets in settings.
targetScope = 'resourceGroup'

@description('Name that every resource carries; letters and digits.')
@minLength(3)
@maxLength(16)
param name string

@description('Region of everything.')
param location string = resourceGroup().location

@description('GPU size of the training cluster; it scales to zero.')
param gpuSize string = 'Standard_NC24ads_A100_v4'

@description('Six-field NCRONTAB of the nightly benchmark (UTC).')
param nightlySchedule string = '0 0 2 * * *'

module identity 'identity.bicep' = {
  name: 'identity'
  params: { name: name, location: location }
}

module storage 'storage.bicep' = {
  name: 'storage'
  params: { name: name, location: location, principalId: identity.outputs.principalId }
}

module app 'functionapp.bicep' = {
  name: 'functionapp'
  params: {
    name: name
    location: location
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageAccount: storage.outputs.account
    nightlySchedule: nightlySchedule
    workspaceId: learning.outputs.workspaceId
    computeId: learning.outputs.computeId
    environmentId: learning.outputs.environmentId
    datastore: learning.outputs.datastore
  }
}

module learning 'machinelearning.bicep' = {
  name: 'machinelearning'
  params: {
    name: name
    location: location
    identityId: identity.outputs.id
    principalId: identity.outputs.principalId
    storageAccountId: storage.outputs.id
    storageAccount: storage.outputs.account
    gpuSize: gpuSize
  }
}

output functionAppName string = app.outputs.name
output storageAccount string = storage.outputs.account
output workspace string = learning.outputs.workspace
