// Azure ML: a workspace and a GPU cluster that scales to zero. Jobs are submitted through ARM, because the Azure.AI.ML SDK exists for Python alone.
param name string
param location string
param identityId string
param principalId string
param storageAccountId string
param storageAccount string
param gpuSize string
@description('Image of the training job in the registry below (infra/gpu/Containerfile), pushed there by whoever deploys.')
param jobImage string = 'tpo-gpujob:1'

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: toLower('${name}images')
  location: location
  sku: { name: 'Basic' }
  properties: { adminUserEnabled: false }
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: '${name}-vault'
  location: location
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: '${name}-insights'
  location: location
  kind: 'web'
  properties: { Application_Type: 'web' }
}

resource workspace 'Microsoft.MachineLearningServices/workspaces@2024-04-01' = {
  name: '${name}-learning'
  location: location
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    storageAccount: storageAccountId
    keyVault: vault.id
    applicationInsights: insights.id
    containerRegistry: registry.id
    primaryUserAssignedIdentity: identityId
    systemDatastoresAuthMode: 'identity'
  }

  resource cluster 'computes' = {
    name: 'gpu'
    location: location
    identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
    properties: {
      computeType: 'AmlCompute'
      properties: {
        vmSize: gpuSize
        vmPriority: 'Dedicated'
        scaleSettings: { minNodeCount: 0, maxNodeCount: 1, nodeIdleTimeBeforeScaleDown: 'PT10M' }
      }
    }
  }

  // What the job runs in (setting Tpo__AzureMl__EnvironmentId).
  resource jobEnvironment 'environments' = {
    name: 'tpo-gpujob'
    properties: { description: 'The training job.' }

    resource version 'versions' = {
      name: '1'
      properties: { image: '${registry.properties.loginServer}/${jobImage}', osType: 'Linux' }
    }
  }

  // The run's folder beside its job in the studio (setting Tpo__AzureMl__Datastore); read with the identity, without a key.
  resource training 'datastores' = {
    name: 'tpo_training'
    properties: {
      datastoreType: 'AzureBlob'
      accountName: storageAccount
      containerName: 'training'
      credentials: { credentialsType: 'None' }
      serviceDataAccessAuthIdentity: 'WorkspaceUserAssignedIdentity'
    }
  }
}

// AzureML Data Scientist on the workspace: the app submits, watches and cancels jobs. AcrPull: the cluster pulls the job's image. The job itself
// signs in with the same identity, the cluster's, and reaches storage by the roles of storage.bicep.
resource submits 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(workspace.id, principalId, 'data-scientist')
  scope: workspace
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'f6c7c914-8db3-469d-8ca1-694a8f32e121')
  }
}

resource pulls 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, principalId, 'pull')
  scope: registry
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '7f951dda-4ed3-4680-a7ca-43fe172d538d')
  }
}

output workspace string = workspace.name
output workspaceId string = workspace.id
output computeId string = workspace::cluster.id
output environmentId string = workspace::jobEnvironment::version.id
output datastore string = workspace::training.name
